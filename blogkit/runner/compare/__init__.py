"""Compare two runs claim by claim: which verdicts and values differ, and what explains it.

A and B are each a result file, a record, an executed notebook, a folder of result files, or
`committed`: the outputs of the committed notebooks. Notebooks are matched by name, claims by id
and sentence.

Two values of a claim agree
- in an identity, if both lie within the bounds of the claim, which are rounding;
- over seeds, if the two intervals overlap: the difference is at most the sum of the half-widths that
  face each other, and a single value is an interval of width 0;
- otherwise, if they are equal to 1 part in 10^6, which is the rounding of print.

A cause is what can change a value and differs between the two sides: backend, device, operating
system, parameters and among them the seed, data, the commit, versions of Python and of the packages
that compute. Equal fingerprints mean equal sources: then a different commit is no cause, nor are
uncommitted changes, which are one otherwise. The seed is no cause where a claim says that nothing
is random (seeds = 0), nor is a parameter that one side leaves out. Where a side does not record its
backend, device, commit, versions or data, that may explain a value, but never a verdict.

A claim ends as
- equal: same verdict, and the values agree to 1 part in 10^6;
- within: same verdict, and the values agree within bounds or intervals;
- explained: the verdicts differ, the values do not agree, or one side lacks the claim, and there is
  a cause;
- unexplained: the same, but there is no cause;
- broken: an identity that holds on one side and fails on the other. Identities hold for every seed,
  device, backend and version: no cause excuses it. A different commit or uncommitted changes are
  named as the suspect.

The exit code is 1 if a claim is unexplained or broken, or if one run failed and the other did not; 2 if
the sides cannot be compared; else 0.
"""
