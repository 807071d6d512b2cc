//! The events that webhooks tell of.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// What a webhook tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WebhookEvent {
    /// A push moved labels of a module, mostly to a new commit.
    Push,
    /// A version of a crate was published.
    SdkPublished,
    /// A crate could not be made, and is not tried again by itself.
    SdkFailed,
    /// A push broke users of the default label's head, and was stored.
    Breaking,
    /// A module was deprecated.
    Deprecated,
    /// Somebody tries the webhook.
    Ping,
}

/// A text that names no event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("event {0:?} is not known; use one of {names}", names = WebhookEvent::CHOICES.map(WebhookEvent::name).join(", "))]
pub struct WebhookEventError(String);

impl WebhookEvent {
    /// The events that a webhook can be made for.
    pub const CHOICES: [Self; 5] = [Self::Push, Self::SdkPublished, Self::SdkFailed, Self::Breaking, Self::Deprecated];

    /// Its name, on the command line and in the body that is sent.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Push => "push",
            Self::SdkPublished => "sdk.published",
            Self::SdkFailed => "sdk.failed",
            Self::Breaking => "breaking",
            Self::Deprecated => "module.deprecated",
            Self::Ping => "ping",
        }
    }

    /// The event with this name, a ping too.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::CHOICES.into_iter().chain([Self::Ping]).find(|event| event.name() == name)
    }
}

impl FromStr for WebhookEvent {
    type Err = WebhookEventError;

    fn from_str(text: &str) -> Result<Self, WebhookEventError> {
        let found = Self::CHOICES.into_iter().find(|event| event.name() == text);
        found.ok_or_else(|| WebhookEventError(text.chars().take(40).collect()))
    }
}

impl fmt::Display for WebhookEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The events of one webhook; never none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookEvents(BTreeSet<WebhookEvent>);

impl WebhookEvents {
    /// These events; all if there are none.
    #[must_use]
    pub fn of(events: impl IntoIterator<Item = WebhookEvent>) -> Self {
        let events: BTreeSet<_> = events.into_iter().filter(|event| WebhookEvent::CHOICES.contains(event)).collect();
        Self(if events.is_empty() { WebhookEvent::CHOICES.into() } else { events })
    }

    /// The events, in the order of [`WebhookEvent::CHOICES`].
    pub fn iter(&self) -> impl Iterator<Item = WebhookEvent> {
        self.0.iter().copied()
    }

    /// Whether `event` is one of them.
    #[must_use]
    pub fn contains(&self, event: WebhookEvent) -> bool {
        self.0.contains(&event)
    }
}

impl fmt::Display for WebhookEvents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.iter().map(WebhookEvent::name).collect();
        f.write_str(&names.join(","))
    }
}

impl FromStr for WebhookEvents {
    type Err = WebhookEventError;

    fn from_str(text: &str) -> Result<Self, WebhookEventError> {
        Ok(Self::of(text.split(',').map(str::parse).collect::<Result<Vec<_>, _>>()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_read_as_they_are_written() {
        for event in WebhookEvent::CHOICES {
            assert_eq!(event.name().parse(), Ok(event));
        }
        assert_eq!(WebhookEvent::named("ping"), Some(WebhookEvent::Ping));
        let refused = "ping".parse::<WebhookEvent>().unwrap_err().to_string();
        assert!(refused.contains("push, sdk.published"), "{refused}");
        let some = WebhookEvents::of([WebhookEvent::SdkFailed, WebhookEvent::Push, WebhookEvent::Push]);
        assert_eq!(some.to_string(), "push,sdk.failed");
        assert_eq!(some.to_string().parse(), Ok(some));
        assert_eq!(WebhookEvents::of([WebhookEvent::Ping]).iter().count(), 5);
    }
}
