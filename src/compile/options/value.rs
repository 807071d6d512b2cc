//! The field or extension that an option sets, and which written values fit it.

use prost_reflect::{
    DynamicMessage, EnumDescriptor, ExtensionDescriptor, FieldDescriptor, Kind, MapKey, MessageDescriptor, Value,
};
use prost_types::UninterpretedOption;

/// What an option sets.
pub(in crate::compile) enum OptionField {
    Field(FieldDescriptor),
    Extension(ExtensionDescriptor),
}

/// Why a written value does not fit.
enum Misfit {
    /// It is of another kind or out of range.
    Kind,
    /// It is a message whose text cannot be read.
    Text(String),
}

impl OptionField {
    /// Its number, as paths hold it.
    pub(in crate::compile) fn number(&self) -> i32 {
        let number = match self {
            Self::Field(field) => field.number(),
            Self::Extension(extension) => extension.number(),
        };
        i32::try_from(number).unwrap_or(i32::MAX)
    }

    fn kind(&self) -> Kind {
        match self {
            Self::Field(field) => field.kind(),
            Self::Extension(extension) => extension.kind(),
        }
    }

    fn is_list(&self) -> bool {
        match self {
            Self::Field(field) => field.is_list(),
            Self::Extension(extension) => extension.is_list(),
        }
    }

    fn is_map(&self) -> bool {
        match self {
            Self::Field(field) => field.is_map(),
            Self::Extension(extension) => extension.is_map(),
        }
    }

    /// The message that it holds, unless it holds several.
    pub(in crate::compile) fn single_message(&self) -> Option<MessageDescriptor> {
        if self.is_list() || self.is_map() { None } else { self.kind().as_message().cloned() }
    }

    fn is_set(&self, message: &DynamicMessage) -> bool {
        match self {
            Self::Field(field) => message.has_field(field),
            Self::Extension(extension) => message.has_extension(extension),
        }
    }

    /// Its value in `message`.
    pub(in crate::compile) fn value_mut<'m>(&self, message: &'m mut DynamicMessage) -> &'m mut Value {
        match self {
            Self::Field(field) => message.get_field_mut(field),
            Self::Extension(extension) => message.get_extension_mut(extension),
        }
    }

    /// Its type as findings name it.
    pub(in crate::compile) fn words(&self) -> String {
        match self.kind() {
            Kind::Message(entry) if self.is_map() => {
                let (key, value) = (entry.map_entry_key_field().kind(), entry.map_entry_value_field().kind());
                format!("map<{key:?}, {value:?}>")
            }
            kind if self.is_list() => format!("repeated {kind:?}"),
            kind => format!("{kind:?}"),
        }
    }

    /// Sets it in `message` to what `option` says, or adds that. The answer is the index of an added entry of a list.
    ///
    /// # Errors
    /// When it is set already, or the value does not fit.
    pub(in crate::compile) fn set(
        &self,
        message: &mut DynamicMessage,
        option: &UninterpretedOption,
        name: &dyn Fn() -> String,
    ) -> Result<Option<i32>, String> {
        if !self.is_list() && !self.is_map() && self.is_set(message) {
            return Err(format!("option field '{}' has already been set", name()));
        }
        let value = value(&self.kind(), option).map_err(|misfit| self.misfit(misfit, option, &name()))?;
        match self.value_mut(message) {
            Value::List(list) => {
                list.push(value);
                return Ok(i32::try_from(list.len() - 1).ok());
            }
            Value::Map(map) => {
                let (key, value) = entry(&value).ok_or_else(|| self.misfit(Misfit::Kind, option, &name()))?;
                map.insert(key, value);
            }
            single => *single = value,
        }
        Ok(None)
    }

    fn misfit(&self, misfit: Misfit, option: &UninterpretedOption, name: &str) -> String {
        let kind = self.words();
        match misfit {
            Misfit::Kind => {
                let found = shown(option);
                format!("expected a value of type '{kind}' for option '{name}', but found '{found}'")
            }
            Misfit::Text(why) => format!("invalid value of type '{kind}' for option '{name}': {why}"),
        }
    }
}

/// What `option` says as a single value of `kind`.
fn value(kind: &Kind, option: &UninterpretedOption) -> Result<Value, Misfit> {
    let value = match kind {
        Kind::Bool => boolean(option).map(Value::Bool),
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => integer(option).map(Value::I32),
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => integer(option).map(Value::I64),
        Kind::Uint32 | Kind::Fixed32 => integer(option).map(Value::U32),
        Kind::Uint64 | Kind::Fixed64 => integer(option).map(Value::U64),
        #[expect(clippy::cast_possible_truncation, reason = "a float takes the nearest value")]
        Kind::Float => float(option).map(|value| Value::F32(value as f32)),
        Kind::Double => float(option).map(Value::F64),
        Kind::String => option.string_value.clone().and_then(|bytes| String::from_utf8(bytes).ok()).map(Value::String),
        Kind::Bytes => option.string_value.clone().map(|bytes| Value::Bytes(bytes.into())),
        Kind::Enum(of) => enumeration(of, option).map(Value::EnumNumber),
        Kind::Message(of) => {
            let text = option.aggregate_value.as_deref().ok_or(Misfit::Kind)?;
            let parsed = DynamicMessage::parse_text_format(of.clone(), text);
            return parsed.map(Value::Message).map_err(|e| Misfit::Text(e.to_string()));
        }
    };
    value.ok_or(Misfit::Kind)
}

fn boolean(option: &UninterpretedOption) -> Option<bool> {
    match option.identifier_value.as_deref()? {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

fn integer<T: TryFrom<u64> + TryFrom<i64>>(option: &UninterpretedOption) -> Option<T> {
    match (option.positive_int_value, option.negative_int_value) {
        (Some(value), _) => value.try_into().ok(),
        (None, value) => value?.try_into().ok(),
    }
}

#[expect(clippy::cast_precision_loss, reason = "a floating-point option takes the nearest value")]
fn float(option: &UninterpretedOption) -> Option<f64> {
    let positive = option.positive_int_value.map(|value| value as f64);
    let word = option.identifier_value.as_deref().and_then(|word| match word {
        "inf" => Some(f64::INFINITY),
        "nan" => Some(f64::NAN),
        _ => None,
    });
    // There is no negative zero among integers.
    let negative = option.negative_int_value.map(|value| if value == 0 { -0.0 } else { value as f64 });
    option.double_value.or(positive).or(negative).or(word)
}

fn enumeration(of: &EnumDescriptor, option: &UninterpretedOption) -> Option<i32> {
    of.get_value_by_name(option.identifier_value.as_deref()?).map(|value| value.number())
}

/// Key and value of a map entry.
fn entry(value: &Value) -> Option<(MapKey, Value)> {
    let entry = value.as_message()?;
    let part = |number| entry.get_field_by_number(number).map(std::borrow::Cow::into_owned);
    Some((part(1)?.into_map_key()?, part(2)?))
}

/// The value as it was written, more or less.
fn shown(option: &UninterpretedOption) -> String {
    let number = option.positive_int_value.map(|value| value.to_string());
    let number = number.or_else(|| option.negative_int_value.map(|value| value.to_string()));
    let number = number.or_else(|| option.double_value.map(|value| value.to_string()));
    let text = || option.string_value.as_ref().map(|bytes| format!("{:?}", String::from_utf8_lossy(bytes)));
    let words = || option.identifier_value.clone().or_else(|| option.aggregate_value.clone());
    number.or_else(text).or_else(words).unwrap_or_default()
}
