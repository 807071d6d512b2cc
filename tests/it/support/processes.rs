//! Facts about processes, from the operating system.

use std::fs;

use super::registry::Registry;

/// A process by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Process(pub(crate) u32);

impl Process {
    /// The number in a line of `/proc/PID/status`.
    #[track_caller]
    fn number(self, key: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0)).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(key)).unwrap_or_else(|| panic!("no {key}"));
        line.trim_start_matches(':').trim().trim_end_matches(" kB").parse().unwrap()
    }

    /// Its peak memory, in bytes.
    #[track_caller]
    pub(crate) fn peak(self) -> u64 {
        self.number("VmHWM") << 10
    }

    /// Its present memory, in bytes.
    #[track_caller]
    pub(crate) fn memory(self) -> u64 {
        self.number("VmRSS") << 10
    }

    /// Its threads that run a plugin.
    pub(crate) fn plugin_threads(self) -> usize {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.0)).unwrap().flatten();
        let is_plugin = |task: &fs::DirEntry| {
            fs::read_to_string(task.path().join("comm")).is_ok_and(|name| name.trim() == "plugin")
        };
        tasks.filter(is_plugin).count()
    }

    /// The child processes that it has started for work in a process of its own.
    pub(crate) fn workers(self) -> Vec<Self> {
        let all = fs::read_dir("/proc").unwrap().flatten();
        let numbers = all.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        let is_child = |number: &u32| {
            let status = fs::read_to_string(format!("/proc/{number}/status")).unwrap_or_default();
            let command = fs::read(format!("/proc/{number}/cmdline")).unwrap_or_default();
            status.lines().any(|line| line.strip_prefix("PPid:").is_some_and(|of| of.trim() == self.0.to_string()))
                && command.split(|byte| *byte == 0).any(|word| word == b"answer-task")
        };
        numbers.filter(is_child).map(Self).collect()
    }
}

impl Registry {
    /// The server's process.
    pub(crate) fn server(&mut self) -> Process {
        Process(self.process().id())
    }
}
