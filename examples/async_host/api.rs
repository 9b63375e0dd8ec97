//! What the server does: from a request to a command or a question, and from the engine's answer to a status.

use billing_core::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Failure;
use super::http::{Request, Response};

/// A book with one plan and one customer, so that there is something to ask for.
pub(crate) fn open<S: Store>(store: S) -> Result<Engine<S>, Failure> {
    let book = Engine::open(store, "fern.example".parse()?, SystemClock)?;
    let ann = Actor::owner("user:ann")?;
    book.execute(&ann, OpenBook::new("Fern & Co".parse()?, Currency::GBP, Zone::london()))?;
    book.execute(&ann, SetTaxCode::new("vat".parse()?, Rate::percent("20")?, "2011-01-04".parse()?))?;
    let price = Price::Flat("GBP 30.00".parse()?);
    book.execute(&ann, PublishPlan::monthly("basic".parse()?, "Basic plan".parse()?, price, "vat".parse()?))?;
    let name = Sealed::marked("Harbour Café")?;
    book.execute(&ann, RegisterAccount::new("C-1".parse()?, name, "2026-01-01".parse()?))?;
    Ok(book)
}

/// Answers one request. Runs on a blocking thread: the engine waits for its store here.
pub(crate) fn answer<S: Store>(book: &Engine<S>, request: &Request) -> Response {
    let path: Vec<&str> = request.path.trim_matches('/').split('/').collect();
    match (request.method.as_str(), path.as_slice()) {
        ("GET", ["customers", reference]) => status(book, reference),
        ("POST", ["customers", reference, "subscription"]) => subscribe(book, reference, request),
        (_, _) => Err(Response::new(404, &json!({ "error": "there is nothing here" }))),
    }
    .unwrap_or_else(|response| response)
}

/// What a client may ask for. Anything else in it is refused, so that a misspelt word is not overlooked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    plan: Code,
    from: Date,
}

fn subscribe<S: Store>(book: &Engine<S>, reference: &str, request: &Request) -> Result<Response, Response> {
    let wanted: Wanted = serde_json::from_str(&request.body).map_err(|why| malformed(&why))?;
    // The client's own command id makes its second try harmless.
    let id = match &request.command {
        Some(id) => id.parse().map_err(|why| malformed(&why))?,
        None => book.new_command_id(),
    };
    let account = customer(book, reference)?;
    // A server takes the actor and its scopes from whoever has signed in.
    let portal = Actor::new("portal:c-1".parse().map_err(|why| malformed(&why))?, [Scope::Sales]);
    let subscribe = Subscribe::new(account, wanted.plan, wanted.from);
    let done = book.execute_as(id, &portal, &subscribe).map_err(|error| refused(&error))?;
    let started = done.first::<SubscriptionStarted>();
    let body = json!({
        "subscription": started.map(|started| started.subscription),
        "agreed": started.map(|started| started.agreed.clone()),
        "repeated": done.repeated,
    });
    Ok(Response::new(if done.repeated { 200 } else { 201 }, &body))
}

fn status<S: Store>(book: &Engine<S>, reference: &str) -> Result<Response, Response> {
    let account = book.account(customer(book, reference)?).map_err(|error| refused(&error))?;
    let subscriptions: Vec<Value> = account
        .subscriptions
        .components()
        .filter_map(|(_, _, timeline)| {
            timeline.segments().last()?.terms.map(|terms| (terms.plan().clone(), terms.quantity))
        })
        .map(|(plan, quantity)| json!({ "plan": plan, "quantity": quantity }))
        .collect();
    let body = json!({ "balance": account.receivables.balance(), "subscriptions": subscriptions });
    Ok(Response::new(200, &body))
}

fn customer<S: Store>(book: &Engine<S>, reference: &str) -> Result<AccountId, Response> {
    let parsed = reference.parse().map_err(|why| malformed(&why))?;
    let account = book.account_by_reference(&parsed).map_err(|error| refused(&error))?;
    account.ok_or_else(|| {
        Response::new(404, &json!({ "error": format!("no customer has the reference {reference}") }))
    })
}

fn malformed(why: &dyn std::fmt::Display) -> Response {
    Response::new(400, &json!({ "error": why.to_string() }))
}

/// From an error to a status: its predicates are made for this. What a rule says is fit for the customer's
/// eyes; what goes wrong on our side is for our own log.
fn refused(error: &billing_core::Error) -> Response {
    let status = match () {
        () if error.is_refusal() => 422,
        () if error.is_not_found() => 404,
        () if error.is_forbidden() => 403,
        () if error.is_conflict() => 409,
        () if error.is_retryable() => 503,
        () => 500,
    };
    if status >= 500 {
        eprintln!("{error}");
        return Response::new(status, &json!({ "error": "it is not your fault; try again later" }));
    }
    Response::new(status, &json!({ "error": error.to_string(), "code": error.code() }))
}
