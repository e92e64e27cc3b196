"""The pure part of Syncline: values in, values out; no clock, no input or output."""
