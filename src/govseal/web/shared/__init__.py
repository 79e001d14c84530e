"""What every audience sees alike: the words of the outcomes, the result page, headers, languages."""
