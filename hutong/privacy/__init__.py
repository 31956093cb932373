"""What is known of people, and who may see it: numbers masked in free text, identity sealed."""
