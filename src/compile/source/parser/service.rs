//! `service NAME { … }` and its methods.

use prost_types::{MethodDescriptorProto, MethodOptions, ServiceDescriptorProto};

use super::{Parse, Parser, Unreadable};
use crate::compile::visit::tag;

/// Fields of `ServiceDescriptorProto` and `MethodDescriptorProto`.
const NAME: i32 = 1;
const INPUT_TYPE: i32 = 2;
const OUTPUT_TYPE: i32 = 3;
const CLIENT_STREAMING: i32 = 5;
const SERVER_STREAMING: i32 = 6;

/// What a method takes or gives.
struct MethodType {
    name: String,
    start: usize,
    end: usize,
    /// Where the keyword `stream` is.
    stream: Option<(usize, usize)>,
}

impl Parser<'_> {
    pub(super) fn service(&mut self) -> Parse<ServiceDescriptorProto> {
        let (first, start) = (self.at, self.offset());
        self.expect_keyword("service")?;
        self.follows("service", start, "its name", &[])?;
        let name_start = self.offset();
        let mut service = ServiceDescriptorProto { name: Some(self.identifier()?.to_owned()), ..Default::default() };
        let name_end = self.last_end();
        let opening = self.at;
        self.block(("service", start), |parser| match parser.peek_word() {
            "option" => parser.option_statement(&mut service.options),
            "rpc" => {
                let method = parser.inside(tag::SERVICE_METHOD, service.method.len(), Self::method)?;
                service.method.push(method);
                Ok(())
            }
            _ => parser.expected("'rpc', 'option' or '}'"),
        })?;
        self.locate_with_comments(&[], first, Some(opening));
        self.locate_range(&[NAME], name_start, name_end);
        Ok(service)
    }

    fn method(&mut self) -> Parse<MethodDescriptorProto> {
        let (first, start) = (self.at, self.offset());
        self.expect_keyword("rpc")?;
        self.follows("method", start, "its name", b"(")?;
        let name_start = self.offset();
        let name = self.identifier()?.to_owned();
        let name_end = self.last_end();
        let input_start = self.offset();
        let input = self.method_type()?;
        let output_start = self.offset();
        if !self.take_word("returns") {
            return self.incomplete("method", input_start, "'returns'");
        }
        if self.is_mark(b';') {
            return self.incomplete("method", output_start, "'('");
        }
        let output = self.method_type()?;
        let mut options = None;
        let opening = self.at;
        let has_body = self.is_mark(b'{');
        if has_body {
            // A body is options, even when it is empty.
            options.get_or_insert_with(MethodOptions::default);
            self.block(("method", start), |parser| match parser.peek_word() {
                "option" => parser.option_statement(&mut options),
                _ => parser.expected("'option' or '}'"),
            })?;
        } else {
            self.end_of_statement()?;
        }
        self.locate_with_comments(&[], first, has_body.then_some(opening));
        self.locate_range(&[NAME], name_start, name_end);
        for (method_type, tag, stream_tag) in
            [(&input, INPUT_TYPE, CLIENT_STREAMING), (&output, OUTPUT_TYPE, SERVER_STREAMING)]
        {
            if let Some((start, end)) = method_type.stream {
                self.locate_range(&[stream_tag], start, end);
            }
            self.locate_range(&[tag], method_type.start, method_type.end);
        }
        Ok(MethodDescriptorProto {
            name: Some(name),
            client_streaming: input.stream.map(|_| true),
            server_streaming: output.stream.map(|_| true),
            input_type: Some(input.name),
            output_type: Some(output.name),
            options,
        })
    }

    fn method_type(&mut self) -> Parse<MethodType> {
        let opening = self.offset();
        self.expect_mark(b'(')?;
        let keyword = self.offset();
        // A message may be called `stream`.
        let is_stream = self.peek_word() == "stream" && !self.is_mark_at(1, b')');
        self.at += usize::from(is_stream);
        let stream = is_stream.then_some((keyword, self.last_end()));
        let start = self.offset();
        self.follows("method", opening, "a message type", b".")?;
        if is_stream && self.peek_word() == "stream" && !self.peek_word_at(1).is_empty() {
            self.refuse(start, "one `stream` is enough; remove this one");
            return Err(Unreadable);
        }
        let name = self.type_name()?;
        let end = self.last_end();
        self.check_no_scalar(&name, start);
        if self.is_mark(b'<') {
            return self.incomplete("type", start, "')'");
        }
        if self.is_mark(b',') {
            return self.incomplete("method", opening, "')'");
        }
        self.expect_mark(b')')?;
        Ok(MethodType { name, start, end, stream })
    }
}
