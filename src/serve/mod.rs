//! Listener, routes, authentication, limits, drain; the faces that cargo, buf and browsers see.
