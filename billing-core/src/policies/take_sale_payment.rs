//! When the invoice of a sale is issued, what was paid at once comes in, and settles it before other money can.

use super::{Happened, on_account};
use crate::book::{Event, payload};
use crate::decision::Fact;
use crate::invoicing::InvoiceIssued;
use crate::kernel::ids::PaymentId;
use crate::payments::{self, PaymentReceived};

pub(super) fn take_sale_payment(happened: &Happened<'_>) -> Vec<Fact<Event>> {
    let (Some(issued), Some(account)) = (payload::<InvoiceIssued>(happened.event), happened.account) else {
        return Vec::new();
    };
    let sale = issued.sale.as_ref().and_then(|sale| account.invoicing.sale(sale));
    let received = sale.and_then(|sale| sale.payment.as_ref()).map(|paid| PaymentReceived {
        payment: happened.ctx.mint(PaymentId::from_uuid),
        amount: paid.amount,
        received_on: paid.received_on,
        method: paid.method,
        reference: paid.reference.clone(),
        source: paid.source.clone(),
        exchange: None,
        pays: vec![issued.invoice],
    });
    on_account(account, received.map(payments::Event::from))
}
