//! The root for what other response times would have come to.

use async_graphql::{Context, Object, Result};

use super::{billing::bad_argument, context::Serving, inputs::RehearseInput, types::Rehearsal};
use crate::app::Problems;

/// What can be asked of response times that are not agreed.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RehearsalQuery;

/// What can be asked of response times that are not agreed.
#[Object]
impl RehearsalQuery {
    /// How past tickets would have gone under a tier and hours that need not be agreed with anybody: attainment, breaches and
    /// service credits of the last whole months, and whether the last 365 days support each target. Nothing is stored. Null:
    /// something that is named is not there.
    async fn rehearse(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The response times, and the tickets.")] input: RehearseInput,
    ) -> Result<Option<Rehearsal>> {
        let Serving { app, session } = Serving::of(ctx)?;
        let mut problems = Problems::of("input");
        let asked = input.read(&mut problems);
        let asked = problems.finish(asked).map_err(|errors| bad_argument(&errors))?;
        Ok(app.rehearse(session, asked).await?.map(Into::into))
    }
}
