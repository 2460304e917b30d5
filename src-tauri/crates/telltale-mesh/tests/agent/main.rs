//! Agents against each other and against attackers, over a server in memory: nothing here waits for real time.

mod disk;
mod does;
mod faults;
mod ghosts;
mod hostile;
mod others;
mod people;
mod resume;
mod roles;
mod world;
