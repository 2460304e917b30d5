//! Reports as octets: byte-equal to golden files, valid by the schema, harmless whatever a stranger called himself.

mod apps;
mod golden;
mod hostile;
mod live;
mod sample;
mod schema;
