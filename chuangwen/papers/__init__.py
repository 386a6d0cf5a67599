"""Official papers by GB/T 9704-2012: templates, numbers, rendering, format check, receipts."""
