//! A server and a client of the example's service in one process, out of generated crates only.

use acme_pets_community_neoeinstein_prost::acme::pets::v1::{Pet, Species, pet::Home};
use acme_shop_community_neoeinstein_prost::acme::shop::v1::{self as shop, GetPriceRequest, GetPriceResponse};
use acme_shop_community_neoeinstein_tonic::acme::shop::v1::tonic::shop_service_client::ShopServiceClient;
use acme_shop_community_neoeinstein_tonic::acme::shop::v1::tonic::shop_service_server::{
    ShopService, ShopServiceServer,
};
use googleapis_googleapis_community_neoeinstein_prost::google::r#type::{Date, Money};
use prost::Message;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status};

struct Shop;

#[tonic::async_trait]
impl ShopService for Shop {
    async fn get_price(&self, request: Request<GetPriceRequest>) -> Result<Response<GetPriceResponse>, Status> {
        let pet = request.into_inner().pet.ok_or_else(|| Status::invalid_argument("which pet?"))?;
        let units = if pet.species() == Species::Dog { 120 } else { 80 };
        let euros = |units| Money { currency_code: "EUR".into(), units, nanos: 0 };
        let extras = [("basket".to_owned(), euros(15))].into();
        Ok(Response::new(GetPriceResponse { price: Some(euros(units)), extras }))
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let incoming = TcpIncoming::bind("127.0.0.1:0".parse()?)?;
    let address = incoming.local_addr()?;
    tokio::spawn(Server::builder().add_service(ShopServiceServer::new(Shop)).serve_with_incoming(incoming));

    let pet = Pet {
        name: "Rex".into(),
        species: Species::Dog.into(),
        born: Some(Date { year: 2024, month: 5, day: 23 }),
        seen: Some(prost_types::Timestamp::default()),
        home: Some(Home::Stray(true)),
    };
    let mut client = ShopServiceClient::connect(format!("http://{address}")).await?;
    let answer = client.get_price(GetPriceRequest { pet: Some(pet) }).await?.into_inner();
    let price = answer.price.unwrap_or_default();
    println!("Rex costs {} {}", price.units, price.currency_code);

    let descriptors = prost_types::FileDescriptorSet::decode(shop::FILE_DESCRIPTOR_SET)?;
    let services = descriptors.file.iter().flat_map(|file| &file.service).filter_map(|service| service.name.as_deref());
    println!("the descriptors know {}", services.collect::<Vec<_>>().join(", "));
    Ok(())
}
