//! What a host's file needs, in one line: `use billing_core::prelude::*;`.
//!
//! The engine and its ports, every command, the words they are made of, the runs, the questions, and the facts
//! that a host looks for in an answer. Each department's `Event`, `State` and `Rejection` stay where they are:
//! their names say what they are only beside their department.
//!
//! ```
//! use billing_core::prelude::*;
//! let price = Price::Flat("GBP 30.00".parse()?);
//! let basic = PublishPlan::monthly("basic".parse()?, "Basic plan".parse()?, price, "standard".parse()?);
//! assert_eq!(basic.interval, Interval::MONTHLY);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub use crate::engine::{
    Clock, Done, Engine, Ids, MetricsSnapshot, Options, Outgoing, Rehearsal, SystemClock, SystemIds,
    TestClock, TestIds,
};
pub use crate::error::Error;
pub use crate::runs::{
    BillingRun, ChaseRun, ConsolidationRun, DayClose, Group, LateWorkRun, MigrationRun, Progress,
    ReleaseDrafts, ReviewedRun, Run, RunReport, unwatched,
};
pub use crate::store::Store;

pub use crate::kernel::calendar::{DayOfMonth, Interval};
pub use crate::kernel::currency::Currency;
pub use crate::kernel::custom_fields::{CustomFields, CustomValue};
pub use crate::kernel::defined_fields::{FieldDefinition, FieldKind, FieldOwner};
pub use crate::kernel::document::{DocumentId, DocumentKind};
pub use crate::kernel::exchange::ExchangeRate;
pub use crate::kernel::funds::Funds;
pub use crate::kernel::holidays::{HolidayCalendar, HolidayList, Region};
pub use crate::kernel::ids::{
    AccountId, CommandId, ContactId, CreditNoteId, DiscountId, DisputeId, InvoiceId, MessageId, PaymentId,
    PromiseId, QuoteId, ReceiptId, RefundId, SubscriptionId, TaskId, WorkId,
};
pub use crate::kernel::money::Money;
pub use crate::kernel::period::Period;
pub use crate::kernel::quantity::Quantity;
pub use crate::kernel::rate::Rate;
pub use crate::kernel::rounding::Rounding;
pub use crate::kernel::sealed::{Marking, Opened, Sealed, Sealer};
pub use crate::kernel::terms::{Instalment, Instalments, PaymentTerms};
pub use crate::kernel::text::{Code, Label, Note, Reference};
pub use crate::kernel::timestamp::Timestamp;
pub use crate::kernel::unit_price::UnitPrice;
pub use crate::kernel::zone::Zone;
pub use crate::kernel::{
    balance::{Balance, Sum},
    calendar::Date,
};
pub use crate::log::{Actor, ActorId, Head, Origin, Position, Recorded, Scope};

pub use crate::settings::{
    AllocationOrder, ChoosePolicies, ChooseSeries, DefineCustomField, Dialect, Disputed, Ladder, LadderStep,
    LateUsage, LateWork, OpenBook, Policies, RetireCustomField, SeriesChoice, SeriesPrefix, SetLadder,
};

pub use crate::catalogue::{
    Aggregate, Alignment, Charge, Commitment, Existing, Meter, Phase, PhaseKind, PlanKind, Price,
    PublishItem, PublishPlan, SetTaxCode, TaxCategory, Timing,
};

pub use crate::accounts::{
    AccountKind, AccountRegistered, AddContact, AssignOwner, AssignParent, ChangeContact, ChangeDetails,
    ChangeTerms, Contact, ContactRole, ConvertToFull, GiveAnchorDay, GivePurchaseOrder, RegisterAccount,
    RemoveContact, RequirePurchaseOrder,
};
pub use crate::tasks::{CompleteTask, ReassignTask, TaskCreated};

pub use crate::discounts::{DiscountGranted, Eligible, EndDiscount, GrantDiscount, Off};
pub use crate::quotes::{
    AcceptQuote, DeclineQuote, Offered, QuoteAccepted, QuoteIssued, QuoteLine, RecordQuote, WithdrawQuote,
};
pub use crate::subscriptions::{
    AddAddOn, AddOnAsked, Cancel, ChangeAnchor, ChangePlan, ChangePrice, ChangeQuantity,
    ChangeSubscriptionFields, MigrateAccount, PauseBilling, RemoveAddOn, ResumeBilling, Subscribe,
    SubscriptionStarted, Uncancel, When,
};
pub use crate::usage::{Reading, RecordUsage, RestateUsage, UsageRecord, UsageRecorded, UsageRestated};
pub use crate::work::{LateWorkNoted, NoteLateWork, RecordWork, WorkRecorded, WriteOffWork};

pub use crate::invoicing::{
    ApproveDraft, Bill, BillAccount, BillDrafted, BillOrDraft, BillUsage, BringForward, Change,
    ConsolidateInvoices, ConsolidatedInvoiceIssued, CreditInvoice, CreditLine, CreditNoteIssued, DraftBill,
    InvoiceIssued, IssueInvoice, ItemLine, RecordSale, SaleLine, SalePayment, SaleRecorded, VoidInvoice,
    What, WithdrawDraft,
};

pub use crate::payments::{
    Allocate, CreditGranted, ExpireCredits, FundsAllocated, GrantCredit, Method, PaymentReceived,
    RecordPayment, Refund, ReleaseAllocation, ReturnPayment,
};

pub use crate::credit_control::{
    Chase, CloseDay, DisputeOutcome, DisputeRaised, DisputeReason, HoldReason, MakePromise, PlaceHold,
    PromiseMade, RaiseDispute, ReleaseHold, ReminderDue, ReminderSent, ReminderSuppressed, ResolveDispute,
    SendReminder, SuppressionReason, WithdrawPromise,
};
pub use crate::messages::{CustomerRole, MessageRequested, Recipient};

pub use crate::projections::accounts_list::{
    AccountByReference, AccountsFilter, AccountsPage, ListedAccount, ParentAccounts,
};
pub use crate::projections::aged_debt::{AgedDebt, Basis, Buckets};
pub use crate::projections::documents::{
    DocumentById, DocumentState, DocumentsByNumber, DocumentsIssued, DocumentsOf,
};
pub use crate::projections::month_figures::MonthFigures;
pub use crate::projections::pending_changes::{PendingChange, PendingChanges, PendingKind};
pub use crate::projections::revenue::{RevenueKind, RevenueReport};
pub use crate::projections::review_queue::{InReview, ReviewQueue};
pub use crate::projections::status_board::{NextAction, StatusBoard};
pub use crate::projections::timeline::Timeline;
pub use crate::projections::weekly_cash::WeeklyCash;
pub use crate::projections::{Answer, KnownAt};
