//! Registries of several nodes: the same program, started more than once on one database.

mod balanced;
mod blobs;
mod clocks;
mod full_disk;
mod kills;
mod links;
mod migrate;
mod nodes;
mod outages;
mod passwords;
mod restarts;
mod setup;
mod silence;
mod suite;
mod upgrade;

use crate::support::{Database, Registry};

/// Nodes that share a database, each with a data directory of its own.
struct Cluster {
    nodes: Vec<Registry>,
    directories: Vec<tempfile::TempDir>,
    database: Database,
}

impl Cluster {
    fn start(nodes: usize) -> Self {
        Self::on(Database::new(), nodes)
    }

    fn on(database: Database, nodes: usize) -> Self {
        let mut cluster = Self { nodes: vec![], directories: vec![], database };
        for _ in 0..nodes {
            cluster.add_node(&[]);
        }
        cluster
    }

    /// Starts another node, with these flags.
    fn add_node(&mut self, flags: &[(&str, &str)]) -> &Registry {
        let store = self.database.address().to_owned();
        self.add_node_at(&store, flags)
    }

    /// Starts another node, which reaches the database at this address.
    fn add_node_at(&mut self, store: &str, flags: &[(&str, &str)]) -> &Registry {
        let (directory, first) = (tempfile::tempdir().unwrap(), self.nodes.first());
        let node = Registry::with(|options| {
            options.keep(directory.path(), first.map(|first| &*first.token)).flag("store", store);
            for (name, value) in flags {
                options.flag(name, value);
            }
        });
        self.directories.push(directory);
        self.nodes.push(node);
        self.nodes.last().unwrap()
    }

    /// Two of the nodes.
    fn two(&self) -> (&Registry, &Registry) {
        (&self.nodes[0], &self.nodes[1])
    }
}
