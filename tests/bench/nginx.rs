//! The other peer: nginx, which answers with the same bytes out of a file that it keeps open.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command};
use std::time::Duration;

/// A running nginx; it ends when dropped.
pub(crate) struct Nginx {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    process: Child,
    _dir: tempfile::TempDir,
}

impl Nginx {
    /// Serves `body` under `path`.
    pub(crate) fn start(path: &str, body: &[u8]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("root").join(path.trim_start_matches('/'));
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, body).unwrap();
        // Nginx cannot tell a port that it chose.
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
        let temporary: String = temporary.iter().map(|name| format!("{name}_temp_path temporary;\n")).collect();
        let config = format!(
            "daemon off; user root; worker_processes auto; pid pid; error_log stderr crit;
             events {{}}
             http {{
                 access_log off; sendfile on; tcp_nodelay on; keepalive_requests 1000000000; open_file_cache max=16;
                 {temporary}
                 server {{ listen {address}; root root; }}
             }}"
        );
        std::fs::write(dir.path().join("nginx.conf"), config).unwrap();
        let mut command = Command::new("nginx");
        command.arg("-p").arg(dir.path()).args(["-c", "nginx.conf", "-e", "stderr"]);
        let process = command.spawn().expect("nginx, which `make bench` installs");
        let is_up = || {
            (0..200).any(|_| {
                std::thread::sleep(Duration::from_millis(10));
                TcpStream::connect(address).is_ok()
            })
        };
        assert!(is_up(), "nginx did not start");
        Self { address, process, _dir: dir }
    }
}

impl Drop for Nginx {
    /// Its master ends the workers when it is asked to end, not when it is killed.
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(self.process.id().to_string()).status();
        let _ = self.process.wait();
    }
}
