//! A small server around the engine: the engine is synchronous, the host is not.
//!
//! Each request is answered on a blocking thread (`spawn_blocking`), so that no async thread ever waits for a
//! disk; the engine is `Clone + Send + Sync`, and its errors say which status they are. The server listens on a
//! free port, a client asks it a few things, and both are done:
//!
//! ```text
//! cargo run -p billing-examples --example async_host
//! ```

mod api;
mod http;

use billing_core::prelude::*;
use billing_store_memory::MemoryStore;
use tokio::net::{TcpListener, TcpStream};

use http::{Request, Response};

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let book = api::open(MemoryStore::new())?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let server = tokio::spawn(serve(listener, book));

    let id = CommandId::from_uuid(SystemIds.fresh(SystemClock.now()));
    let subscribe = Request {
        method: "POST".to_owned(),
        path: "/customers/C-1/subscription".to_owned(),
        command: Some(id.to_string()),
        body: r#"{"plan":"basic","from":"2026-01-01"}"#.to_owned(),
    };
    let same_id_other_plan = Request { body: subscribe.body.replace("-01\"", "-02\""), ..subscribe.clone() };
    let unknown_plan =
        Request { command: None, body: subscribe.body.replace("basic", "gold"), ..subscribe.clone() };
    let unknown_customer =
        Request { method: "GET".to_owned(), path: "/customers/C-9".to_owned(), ..Request::default() };
    let stranger =
        Request { path: "/customers/C-9/subscription".to_owned(), command: None, ..subscribe.clone() };
    let no_plan_at_all = Request { command: None, body: "{}".to_owned(), ..subscribe.clone() };
    let status =
        Request { method: "GET".to_owned(), path: "/customers/C-1".to_owned(), ..Request::default() };

    for (question, expected, why) in [
        (&subscribe, 201, "a customer subscribes"),
        (&subscribe, 200, "the answer got lost and the client asks again, under the same command id"),
        (&same_id_other_plan, 409, "the same command id with another content"),
        (&unknown_plan, 422, "a rule of the trade says no"),
        (&no_plan_at_all, 400, "not a subscription at all"),
        (&unknown_customer, 404, "nobody is registered under that reference"),
        (&stranger, 404, "nobody is registered under that reference, so nobody can subscribe"),
        (&status, 200, "how does the customer stand?"),
    ] {
        let mut connection = TcpStream::connect(address).await?;
        http::send(&mut connection, question).await?;
        let answer = http::receive(&mut connection).await?;
        println!(
            "# {why}\n> {} {} {}\n< {} {}\n",
            question.method, question.path, question.body, answer.status, answer.body
        );
        assert_eq!(answer.status, expected, "{why}");
    }
    server.abort();
    Ok(())
}

/// Takes connections, one request each. A task that fails ends alone.
async fn serve(listener: TcpListener, book: Engine<MemoryStore>) -> Result<(), Failure> {
    loop {
        let (mut connection, _) = listener.accept().await?;
        let book = book.clone();
        tokio::spawn(async move {
            let response = match http::read(&mut connection).await {
                Ok(request) => tokio::task::spawn_blocking(move || api::answer(&book, &request)).await?,
                Err(why) => Response { status: 400, body: format!("{{\"error\":{:?}}}", why.to_string()) },
            };
            http::write(&mut connection, &response).await
        });
    }
}
