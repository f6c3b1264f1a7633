mod disbursement;
mod ledger;
