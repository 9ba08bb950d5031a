"""What can be wrong with a network: gradients against differences, planted bugs, health notes and their remedies."""
