//! Floor 3, the firm: the org chart, the page of an account, and the pages that a decision can ask for.

mod account;
mod books;
pub(crate) mod reading;
pub mod receivables;
mod since_bill;
pub(crate) mod snapshot;
mod table;

pub use account::Account;
pub use books::{Books, Page};
pub use receivables::{OpenFunds, OpenItem, Receivables};
pub use since_bill::SinceBill;
pub use snapshot::FOLD;

use crate::log::Payload;
use table::departments;

departments! {
    Settings = settings [
        OpenBook, ChoosePolicies, SetLadder, ChooseSeries, DefineCustomField, RetireCustomField,
    ];
    Catalogue = catalogue [SetTaxCode, PublishPlan, PublishItem];
    Numbering = numbering [];
    Accounts = accounts [
        RegisterAccount, ChangeDetails, AddContact, ChangeContact, RemoveContact, ChangeTerms,
        RequirePurchaseOrder, GivePurchaseOrder, AssignOwner, ConvertToFull, GiveAnchorDay,
        AssignParent,
    ];
    Tasks = tasks [CompleteTask, ReassignTask];
    Messages = messages [];
    Subscriptions = subscriptions [
        Subscribe, ChangeQuantity, ChangePrice, ChangePlan, AddAddOn, RemoveAddOn, ChangeAnchor, PauseBilling,
        ResumeBilling, Cancel, Uncancel, MigrateAccount, ChangeSubscriptionFields,
    ];
    Usage = usage [RecordUsage, RestateUsage];
    Work = work [RecordWork, WriteOffWork, NoteLateWork];
    Discounts = discounts [GrantDiscount, EndDiscount];
    Quotes = quotes [RecordQuote, AcceptQuote, DeclineQuote, WithdrawQuote];
    Invoicing = invoicing [
        BillAccount, BillUsage, IssueInvoice, BringForward, CreditInvoice, VoidInvoice, DraftBill, ApproveDraft,
        WithdrawDraft, BillOrDraft, ConsolidateInvoices, RecordSale,
    ];
    Payments = payments [
        RecordPayment, Allocate, ReleaseAllocation, ReturnPayment, Refund, GrantCredit, ExpireCredits,
    ];
    CreditControl = credit_control [
        Chase, SendReminder, MakePromise, WithdrawPromise, CloseDay, RaiseDispute, ResolveDispute, PlaceHold,
        ReleaseHold,
    ];
}

/// A department's events, found inside the book's.
pub trait OfBook: Sized {
    /// The event, if it is of this department.
    fn of(event: &Event) -> Option<&Self>;
}

/// The payload of one kind, if the event is of that kind.
///
/// ```
/// use billing_core::book::{Event, payload};
/// use billing_core::messages::MessageRequested;
/// fn is_message(event: &Event) -> bool {
///     payload::<MessageRequested>(event).is_some()
/// }
/// ```
pub fn payload<P: Payload<Event: OfBook>>(event: &Event) -> Option<&P> {
    P::Event::of(event).and_then(P::of)
}
