//! A connection on which nothing is waited for beyond a deadline, which holds for all that is read and written
//! together: a server that sends a byte now and then gains nothing.

use std::io::{self, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};

/// A connection, perhaps with TLS.
pub(super) enum Socket {
    Plain(Timed),
    Tls(Box<StreamOwned<ClientConnection, Timed>>),
}

/// TCP with a deadline.
pub(super) struct Timed {
    stream: TcpStream,
    deadline: Instant,
}

impl Socket {
    /// Connects; with TLS if there are settings of it.
    pub(super) fn connect(
        host: &str,
        port: u16,
        tls: Option<Arc<ClientConfig>>,
        deadline: Instant,
    ) -> io::Result<Self> {
        let mut last = io::Error::other("there is no such host");
        for address in resolve(host, port, deadline)? {
            match TcpStream::connect_timeout(&address, left(deadline)?) {
                Ok(stream) => return Self::over(stream, host, tls, deadline),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    fn over(stream: TcpStream, host: &str, tls: Option<Arc<ClientConfig>>, deadline: Instant) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        let timed = Timed { stream, deadline };
        let Some(config) = tls else { return Ok(Self::Plain(timed)) };
        let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
        let client = ClientConnection::new(config, name).map_err(io::Error::other)?;
        Ok(Self::Tls(Box::new(StreamOwned::new(client, timed))))
    }

    /// Sets the deadline of what comes next.
    pub(super) fn wait_until(&mut self, deadline: Instant) {
        match self {
            Self::Plain(timed) => timed.deadline = deadline,
            Self::Tls(stream) => stream.sock.deadline = deadline,
        }
    }
}

impl Read for Socket {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(timed) => timed.read(buffer),
            Self::Tls(stream) => stream.read(buffer),
        }
    }
}

impl Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(timed) => timed.write(bytes),
            Self::Tls(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(timed) => timed.flush(),
            Self::Tls(stream) => stream.flush(),
        }
    }
}

impl Read for Timed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.set_read_timeout(Some(left(self.deadline)?))?;
        self.stream.read(buffer)
    }
}

impl Write for Timed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.set_write_timeout(Some(left(self.deadline)?))?;
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

/// The addresses of a host.
fn resolve(host: &str, port: u16, deadline: Instant) -> io::Result<Vec<SocketAddr>> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(vec![(address, port).into()]);
    }
    // The system's resolver knows no deadline. A thread that still waits for it ends with the program.
    let (send, receive) = mpsc::channel();
    let host = host.to_owned();
    let ask = move || drop(send.send((host.as_str(), port).to_socket_addrs().map(Iterator::collect)));
    thread::Builder::new().spawn(ask)?;
    let found: io::Result<Vec<SocketAddr>> =
        receive.recv_timeout(left(deadline)?).map_err(|_| io::ErrorKind::TimedOut)?;
    found.map_err(|_| io::Error::other("there is no such host"))
}

/// The time left, which is more than none.
fn left(deadline: Instant) -> io::Result<Duration> {
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(left) }
}
