//! As much of HTTP as servers and clients on one machine need: one request a connection, bodies of JSON.

use std::fmt;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Largest message taken, in bytes.
const MESSAGE_MOST: usize = 1 << 20;

/// Why a call has no answer.
#[derive(Debug)]
pub enum NoAnswer {
    /// Nobody was there: nothing was sent.
    NotSent(String),
    /// It was sent, and may have been done.
    Silent(String),
}

impl fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSent(why) | Self::Silent(why) => f.write_str(why),
        }
    }
}

/// A request: what is asked for, and what is sent with it.
pub struct Request {
    /// Such as `/write`.
    pub path: String,
    /// What is sent with it.
    pub body: String,
}

/// The status and the body of an answer.
pub type Answer = (u16, String);

/// Answers every connection by `answer`, forever.
pub async fn serve<F: Future<Output = Answer> + 'static>(port: u16, answer: impl Fn(Request) -> F + Clone + 'static) {
    let listener = TcpListener::bind(("127.0.0.1", port)).await.expect("the port is free");
    loop {
        let Ok((mut stream, _)) = listener.accept().await else { continue };
        let answer = answer.clone();
        tokio::task::spawn_local(async move {
            let Some((first, body)) = message(&mut stream).await else { return };
            let path = first.split(' ').nth(1).unwrap_or("/").to_owned();
            let (status, body) = answer(Request { path, body }).await;
            let text = format!("HTTP/1.1 {status} -\r\ncontent-length: {}\r\n\r\n{body}", body.len());
            // Whoever asked may be gone.
            drop(stream.write_all(text.as_bytes()).await);
        });
    }
}

/// Asks whoever listens at `port`, and waits no longer than `patience`.
pub async fn call(port: u16, path: &str, body: &str, patience: Duration) -> Result<Answer, NoAnswer> {
    let connected = tokio::time::timeout(patience, TcpStream::connect(("127.0.0.1", port))).await;
    let mut stream = match connected {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return Err(NoAnswer::NotSent(error.to_string())),
        Err(_) => return Err(NoAnswer::NotSent(format!("nobody took the call within {patience:?}"))),
    };
    let asked = async {
        let text = format!("POST {path} HTTP/1.1\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        stream.write_all(text.as_bytes()).await.map_err(|error| error.to_string())?;
        message(&mut stream).await.ok_or_else(|| "the connection was closed".to_owned())
    };
    match tokio::time::timeout(patience, asked).await {
        Ok(Ok((first, body))) => {
            let status = first.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
            Ok((status, body))
        }
        Ok(Err(why)) => Err(NoAnswer::Silent(why)),
        Err(_) => Err(NoAnswer::Silent(format!("no answer within {patience:?}"))),
    }
}

/// The first line and the body of the next message.
async fn message(stream: &mut TcpStream) -> Option<(String, String)> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length =
                head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
            if body.len() >= length.unwrap_or(0) {
                return Some((head.lines().next()?.to_owned(), body.to_owned()));
            }
        }
        if bytes.len() > MESSAGE_MOST || stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}
