//! placeholder until merged
pub type ScalarCheck = fn(&async_graphql::Value) -> Result<(), String>;
