"""How the countries' scripts and calendars are written: pure rules of spelling, numerals and dates.

Values in, values out, as in `core`; but no protocol: nothing here is hashed or signed, and a verifier needs none of
it. Everything above may use it, so that a form in the browser, a table on the command line and a template judge
a text by one rule.

    khmer.faults("ខែ្មរ")                     what is mis-ordered, where, and how to mend it
    chhankitek.lunar_date(date(2024, 12, 9))   ៩ កើត ខែមិគសិរ ឆ្នាំរោង ឆស័ក ព.ស. ២៥៦៨
    numerals.khmer("2026"), numerals.lao("2026")

What is *not* here: words and sentences of the interface (`web/locale`), and drawing (`adapters.typeset`).
"""
