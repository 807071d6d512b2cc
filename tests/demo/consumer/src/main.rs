//! A gRPC server and a client of the demo's bookshop, both made of generated crates.

use std::pin::Pin;

use demo_catalog_community_neoeinstein_prost::demo::catalog::v1::{Binding, Book};
use demo_orders_community_neoeinstein_prost::demo::orders::v1::{AddBookRequest, Order, WatchOrderRequest};
use demo_orders_community_neoeinstein_prost::demo::orders::v1::FILE_DESCRIPTOR_SET;
use demo_orders_community_neoeinstein_tonic::demo::orders::v1::tonic::order_service_client::OrderServiceClient;
use demo_orders_community_neoeinstein_tonic::demo::orders::v1::tonic::order_service_server::{
    OrderService, OrderServiceServer,
};
use googleapis_googleapis_community_neoeinstein_prost::google::r#type::{Date, Money};
use tokio_stream::{Stream, StreamExt, wrappers::TcpListenerStream};
use tonic::{Request, Response, Status};

struct Shop;

fn price(units: i64) -> Money {
    Money { currency_code: "EUR".into(), units, nanos: 0 }
}

#[tonic::async_trait]
impl OrderService for Shop {
    async fn add_book(&self, request: Request<AddBookRequest>) -> Result<Response<Order>, Status> {
        let request = request.into_inner();
        let book = request.book.ok_or_else(|| Status::invalid_argument("no book"))?;
        let units = book.price.map_or(0, |price| price.units) * i64::from(request.copies);
        let mut order = Order { order_id: request.order_id, total: Some(price(units)), ..Order::default() };
        order.copies_by_isbn.insert(book.isbn, request.copies);
        Ok(Response::new(order))
    }

    type WatchOrderStream = Pin<Box<dyn Stream<Item = Result<Order, Status>> + Send>>;

    async fn watch_order(
        &self,
        request: Request<WatchOrderRequest>,
    ) -> Result<Response<Self::WatchOrderStream>, Status> {
        let order_id = request.into_inner().order_id;
        let steps = (1..=3).map(move |units| {
            Ok(Order { order_id: order_id.clone(), total: Some(price(units)), ..Order::default() })
        });
        Ok(Response::new(Box::pin(tokio_stream::iter(steps))))
    }

    async fn reset(&self, _: Request<()>) -> Result<Response<()>, Status> {
        Ok(Response::new(()))
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    let server = tonic::transport::Server::builder().add_service(OrderServiceServer::new(Shop));
    tokio::spawn(server.serve_with_incoming(TcpListenerStream::new(listener)));

    let mut client = OrderServiceClient::connect(url).await?;
    let book = Book {
        isbn: "9780131103627".into(),
        title: "A book".into(),
        price: Some(price(40)),
        published: Some(Date { year: 1988, month: 3, day: 22 }),
        binding: Binding::Paperback.into(),
        ..Book::default()
    };
    let request = AddBookRequest { order_id: "order-1".into(), book: Some(book), copies: 2 };
    let order = client.add_book(request).await?.into_inner();
    let total = order.total.ok_or("no total")?;
    println!("{}: {:?}, {} {}", order.order_id, order.copies_by_isbn, total.units, total.currency_code);

    let request = WatchOrderRequest { order_id: order.order_id };
    let steps: Vec<_> = client.watch_order(request).await?.into_inner().collect().await;
    println!("{} steps watched", steps.len());
    client.reset(()).await?;

    let files = <prost_types::FileDescriptorSet as prost::Message>::decode(FILE_DESCRIPTOR_SET)?;
    for file in files.file {
        println!("described: {}", file.name());
    }
    Ok(())
}
