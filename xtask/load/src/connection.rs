//! As much of an HTTP/1.1 client as a load needs: one connection, one request at a time ([RFC 9112]).
//!
//! [RFC 9112]: https://www.rfc-editor.org/rfc/rfc9112

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpSocket, TcpStream};

const BUFFER: usize = 64 * 1024;

/// Connects as the client of this number. On Linux each client has an address of its own on the loopback device, so that
/// limits for each address apply to each client.
pub async fn connect(server: SocketAddr, client: usize) -> io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    if cfg!(target_os = "linux") {
        socket.bind(source(client).into())?;
    }
    let stream = socket.connect(server).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

fn source(client: usize) -> (Ipv4Addr, u16) {
    let [.., high, low] = client.to_be_bytes();
    (Ipv4Addr::new(127, 1, high, low), 0)
}

/// A connection that stays open.
pub struct Connection<S> {
    stream: BufReader<S>,
    line: Vec<u8>,
    cookie: Option<String>,
}

#[derive(Debug, PartialEq)]
enum Length {
    Known(usize),
    Chunked,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    /// Over a stream that is connected.
    pub fn new(stream: S) -> Self {
        Self {
            stream: BufReader::with_capacity(BUFFER, stream),
            line: Vec::new(),
            cookie: None,
        }
    }

    /// Sends the bytes of a request; gives the status, and leaves the body in `body`.
    pub async fn send(&mut self, request: &[u8], body: &mut Vec<u8>) -> io::Result<u16> {
        self.stream.get_mut().write_all(request).await?;
        body.clear();
        let (status, length) = self.head().await?;
        match length {
            Length::Known(length) => self.exactly(length, body).await?,
            Length::Chunked => self.chunks(body).await?,
        }
        Ok(status)
    }

    /// The cookie that the last answer set, as it is sent back: `cart=…`.
    pub fn cookie(&self) -> Option<&str> {
        self.cookie.as_deref()
    }

    async fn head(&mut self) -> io::Result<(u16, Length)> {
        let status = status(self.next_line().await?)?;
        let (mut length, mut cookie) = (None, None);
        loop {
            let line = self.next_line().await?;
            if line.is_empty() {
                self.cookie = cookie;
                return Ok((status, length.ok_or_else(|| wrong("an answer without a length"))?));
            }
            cookie = cookie_in(line).or(cookie);
            length = length_in(line)?.or(length);
        }
    }

    async fn chunks(&mut self, body: &mut Vec<u8>) -> io::Result<()> {
        loop {
            let size = chunk_size(self.next_line().await?)?;
            if size == 0 {
                // Trailers, and the empty line after them.
                while !self.next_line().await?.is_empty() {}
                return Ok(());
            }
            self.exactly(size, body).await?;
            if !self.next_line().await?.is_empty() {
                return Err(wrong("a chunk longer than it says"));
            }
        }
    }

    async fn exactly(&mut self, length: usize, body: &mut Vec<u8>) -> io::Result<()> {
        let begin = body.len();
        body.resize(begin + length, 0);
        self.stream.read_exact(&mut body[begin..]).await.map(|_| ())
    }

    /// Without its line end.
    async fn next_line(&mut self) -> io::Result<&[u8]> {
        self.line.clear();
        self.stream.read_until(b'\n', &mut self.line).await?;
        self.line
            .strip_suffix(b"\r\n")
            .ok_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof))
    }
}

fn wrong(words: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, words)
}

fn status(line: &[u8]) -> io::Result<u16> {
    let line = std::str::from_utf8(line).unwrap_or_default();
    let status = line.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3));
    status
        .and_then(|status| status.parse().ok())
        .ok_or_else(|| wrong("not an HTTP/1.1 answer"))
}

fn length_in(line: &[u8]) -> io::Result<Option<Length>> {
    let line = std::str::from_utf8(line).map_err(|_| wrong("a header that is not text"))?;
    let Some((name, value)) = line.split_once(':') else {
        return Err(wrong("a header without a colon"));
    };
    if name.eq_ignore_ascii_case("content-length") {
        let length = value.trim().parse().map_err(|_| wrong("a length that is no number"))?;
        return Ok(Some(Length::Known(length)));
    }
    let is_chunked = name.eq_ignore_ascii_case("transfer-encoding") && value.trim().eq_ignore_ascii_case("chunked");
    Ok(is_chunked.then_some(Length::Chunked))
}

fn cookie_in(line: &[u8]) -> Option<String> {
    let (name, value) = std::str::from_utf8(line).ok()?.split_once(':')?;
    let is_cookie = name.eq_ignore_ascii_case("set-cookie");
    is_cookie.then(|| value.split(';').next().unwrap_or_default().trim().to_owned())
}

fn chunk_size(line: &[u8]) -> io::Result<usize> {
    let line = std::str::from_utf8(line).unwrap_or_default();
    let size = line.split(';').next().unwrap_or_default().trim();
    usize::from_str_radix(size, 16).map_err(|_| wrong("a chunk without a size"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::DuplexStream;

    /// A connection whose other side has sent this and, byte for byte in small pieces, nothing else.
    fn answered(answer: &'static [u8]) -> Connection<DuplexStream> {
        let (ours, mut theirs) = tokio::io::duplex(3);
        #[expect(clippy::disallowed_methods, reason = "without it there is no answer")]
        tokio::spawn(async move {
            let (mut reader, mut writer) = tokio::io::split(&mut theirs);
            let mut request = [0; 4];
            reader.read_exact(&mut request).await.unwrap();
            writer.write_all(answer).await.ok();
        });
        Connection::new(ours)
    }

    async fn get(answer: &'static [u8]) -> io::Result<(u16, String)> {
        let mut body = vec![1, 2, 3];
        let status = answered(answer).send(b"GET ", &mut body).await?;
        Ok((status, String::from_utf8(body).unwrap()))
    }

    #[tokio::test]
    async fn each_client_has_an_address_of_its_own() {
        let server = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = server.local_addr().unwrap();
        let mut seen = Vec::new();
        for client in [0, 1, 256] {
            let _stream = connect(address, client).await.unwrap();
            seen.push(server.accept().await.unwrap().1.ip().to_string());
        }
        assert_eq!(seen, ["127.1.0.0", "127.1.0.1", "127.1.1.0"]);
    }

    #[tokio::test]
    async fn a_body_of_known_length() {
        let answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\ncontent-length: 5\r\n\r\nhello";
        assert_eq!(get(answer).await.unwrap(), (200, "hello".to_owned()));
        let empty = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n";
        assert_eq!(get(empty).await.unwrap(), (404, String::new()));
    }

    #[tokio::test]
    async fn a_cookie_is_kept_until_the_next_answer() {
        let answer = b"HTTP/1.1 200 OK\r\nSet-Cookie: cart=1; Path=/; HttpOnly\r\ncontent-length: 0\r\n\r\n";
        let mut connection = answered(answer);
        connection.send(b"GET ", &mut Vec::new()).await.unwrap();
        assert_eq!(connection.cookie(), Some("cart=1"));
    }

    #[tokio::test]
    async fn chunks_are_put_together() {
        let answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
            5\r\nhello\r\nA;name=value\r\n, wide\r\nwo\r\n1\r\n!\r\n0\r\nx-trailer: 1\r\n\r\n";
        assert_eq!(get(answer).await.unwrap(), (200, "hello, wide\r\nwo!".to_owned()));
    }

    #[tokio::test]
    async fn what_is_cut_off_or_nonsense_is_an_error() {
        for answer in [
            b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhel".as_slice(),
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello",
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhello\r\n0\r\n\r\n",
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
            b"HTTP/1.1 200 OK\r\n\r\nhello",
            b"SSH-2.0\r\n",
            b"",
        ] {
            assert!(get(answer).await.is_err(), "{}", String::from_utf8_lossy(answer));
        }
    }
}
