//! Samples for the tests of this layer.
