//! As much of HTTP as the example needs: one request a connection, a small body, a length in front of it.

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::Failure;

/// The largest message that is read.
const LIMIT: usize = 64 * 1024;

#[derive(Debug, Clone, Default)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    /// The client's id of the command, from the header `Command-Id`.
    pub(crate) command: Option<String>,
    pub(crate) body: String,
}

#[derive(Debug, Clone)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Response {
    pub(crate) fn new(status: u16, body: &Value) -> Response {
        Response { status, body: body.to_string() }
    }
}

/// The server's side: reads a request.
pub(crate) async fn read(connection: &mut TcpStream) -> Result<Request, Failure> {
    let (head, body) = message(connection).await?;
    let mut words = head.split(' ');
    let (Some(method), Some(path)) = (words.next(), words.next()) else {
        return Err("a request begins with a method and a path".into());
    };
    Ok(Request {
        method: method.to_owned(),
        path: path.to_owned(),
        command: header(&head, "command-id"),
        body,
    })
}

/// The server's side: writes the response.
pub(crate) async fn write(connection: &mut TcpStream, response: &Response) -> Result<(), Failure> {
    let Response { status, body } = response;
    let text = format!(
        "HTTP/1.1 {status} \r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    connection.write_all(text.as_bytes()).await?;
    Ok(connection.shutdown().await?)
}

/// The client's side: sends a request.
pub(crate) async fn send(connection: &mut TcpStream, request: &Request) -> Result<(), Failure> {
    let Request { method, path, command, body } = request;
    let command = command.as_ref().map(|id| format!("Command-Id: {id}\r\n")).unwrap_or_default();
    let text = format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\n{command}Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    Ok(connection.write_all(text.as_bytes()).await?)
}

/// The client's side: receives the response.
pub(crate) async fn receive(connection: &mut TcpStream) -> Result<Response, Failure> {
    let (head, body) = message(connection).await?;
    let status = head.split(' ').nth(1).ok_or("a response begins with its status")?;
    Ok(Response { status: status.parse()?, body })
}

/// Head and body of a message.
async fn message(connection: &mut TcpStream) -> Result<(String, String), Failure> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 1024];
    loop {
        let count = connection.read(&mut chunk).await?;
        bytes.extend_from_slice(chunk.get(..count).unwrap_or_default());
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        if let Some(end) = end {
            let head = String::from_utf8(bytes[..end].to_vec())?;
            let length: usize = header(&head, "content-length").unwrap_or_default().parse().unwrap_or(0);
            let body = &bytes[end + 4..];
            if length <= LIMIT && body.len() >= length {
                return Ok((head, String::from_utf8(body[..length].to_vec())?));
            }
        }
        if count == 0 || bytes.len() > LIMIT {
            return Err("the message is cut off or too long".into());
        }
    }
}

fn header(head: &str, name: &str) -> Option<String> {
    let fields = head.lines().skip(1).filter_map(|line| line.split_once(':'));
    fields
        .into_iter()
        .find(|(field, _)| field.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim().to_owned())
}
