//! A link between two programs that can be made bad: slow, cut, frozen, refused; and good again.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::Duration;

/// Where a link leads.
#[derive(Debug, Clone)]
pub(crate) enum End {
    Port(u16),
    Socket(PathBuf),
}

/// What is wrong with a link.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Fault {
    /// Each piece of what is sent waits up to so many milliseconds: answers of several connections overtake each other.
    pub(crate) delay: u64,
    /// One piece of so many is sent in part only, and the connection ends there; never if it is 0.
    pub(crate) cut_one_in: u64,
    /// Nothing is passed on and nothing ends, as with a machine that vanished.
    pub(crate) frozen: bool,
    /// New connections end at once.
    pub(crate) refuses: bool,
}

/// A port on this machine that leads to another program, until it is dropped.
pub(crate) struct Link {
    port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    end: End,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    fault: Fault,
    is_over: bool,
    /// Both ends of each connection.
    open: Vec<UnixStream>,
    /// How many connections were cut.
    cuts: u64,
}

impl Link {
    pub(crate) fn to(end: End) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared { end, state: Mutex::default(), changed: Condvar::new() });
        let accepting = Arc::clone(&shared);
        std::thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                if accepting.state().is_over {
                    return;
                }
                let shared = Arc::clone(&accepting);
                std::thread::spawn(move || shared.connect(stream));
            }
        });
        Self { port, shared }
    }

    /// The port that leads there.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// From now on the connections have this fault.
    pub(crate) fn set(&self, fault: Fault) {
        self.shared.state().fault = fault;
        self.shared.changed.notify_all();
    }

    /// Nothing is passed on from now on, and nothing ends.
    pub(crate) fn freeze(&self) {
        self.set(Fault { frozen: true, ..Fault::default() });
    }

    /// From now on all is well.
    pub(crate) fn heal(&self) {
        self.set(Fault::default());
    }

    /// Ends all connections.
    pub(crate) fn cut(&self) {
        self.shared.state().end_all();
    }

    /// How many connections a fault has cut.
    pub(crate) fn cuts(&self) -> u64 {
        self.shared.state().cuts
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        let mut state = self.shared.state();
        state.is_over = true;
        state.end_all();
        drop(state);
        self.shared.changed.notify_all();
        // Whoever accepts looks.
        let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
    }
}

impl State {
    fn end_all(&mut self) {
        self.open.drain(..).for_each(|socket| end(&socket));
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Waits while everything stands still; what is wrong then, or nothing if it is over.
    fn fault(&self) -> Option<Fault> {
        let stands = |state: &mut State| state.fault.frozen && !state.is_over;
        let state = self.changed.wait_while(self.state(), stands).unwrap();
        (!state.is_over).then_some(state.fault)
    }

    fn connect(self: Arc<Self>, client: TcpStream) {
        client.set_nodelay(true).unwrap();
        let client = socket(client);
        self.state().open.push(client.try_clone().unwrap());
        if self.fault().is_none_or(|fault| fault.refuses) {
            return end(&client);
        }
        let connected = match &self.end {
            End::Port(port) => TcpStream::connect((Ipv4Addr::LOCALHOST, *port)).map(socket),
            End::Socket(path) => UnixStream::connect(path),
        };
        let Ok(server) = connected else { return end(&client) };
        self.state().open.push(server.try_clone().unwrap());
        let (from, to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
        let back = Arc::clone(&self);
        std::thread::spawn(move || back.pass_on(from, to));
        self.pass_on(server, client);
    }

    /// Passes on what comes, until either end ends.
    fn pass_on(&self, mut from: UnixStream, mut to: UnixStream) {
        let mut piece = [0; 4096];
        while let Ok(read @ 1..) = from.read(&mut piece) {
            let Some(fault) = self.fault() else { break };
            std::thread::sleep(Duration::from_millis(fastrand::u64(0..=fault.delay)));
            let is_cut = fault.cut_one_in > 0 && fastrand::u64(0..fault.cut_one_in) == 0;
            let passed = if is_cut { fastrand::usize(0..read) } else { read };
            if to.write_all(&piece[..passed]).is_err() {
                break;
            }
            if is_cut {
                self.state().cuts += 1;
                break;
            }
        }
        // A machine that vanished says nothing of ends either.
        self.fault();
        end(&from);
        end(&to);
    }
}

/// One type for all sockets: they are read, written and ended by the same calls.
fn socket(stream: TcpStream) -> UnixStream {
    OwnedFd::from(stream).into()
}

fn end(socket: &UnixStream) {
    // It may have ended before.
    let _ = socket.shutdown(Shutdown::Both);
}
