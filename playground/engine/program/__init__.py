"""A document as a program: lowered to operations, laid out in an arena, expanded to rows, run in steps."""
