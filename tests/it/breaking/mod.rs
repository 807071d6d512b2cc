//! What breaks: the rules, equal to those of the real `buf`; comparing on the terminal; the gate before a release.

mod cases;
mod compare;
mod gate;
mod rules;
mod settings;
mod verdicts;
