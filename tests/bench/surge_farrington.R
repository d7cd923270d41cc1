# P-values of Farrington flexible (Noufaily et al. 2013) for the last day of each row of daily counts.
# Rscript surge_farrington.R counts.csv pvalue.csv; called by surge.py. Package surveillance (GPL) is used by the bench alone.
suppressMessages(library(surveillance))
paths <- commandArgs(trailingOnly = TRUE)
counts <- as.matrix(read.csv(paths[1], header = FALSE))
last <- ncol(counts)
control <- list(
  range = last, b = 8, w = 0, noPeriods = 7, pastWeeksNotIncluded = 7, alpha = 0.01, weightsThreshold = 2.58,
  thresholdMethod = "nbPlugin", trend = TRUE, pThresholdTrend = 1, limit54 = c(5, 4)
)
tail_of <- function(row) {
  # no record on any day of the past: the package has nothing to fit; any count is beyond every threshold
  if (sum(row[-last]) == 0) return(0)
  days <- sts(observed = matrix(row, ncol = 1), frequency = 7, start = c(2000, 1))
  found <- tryCatch(suppressWarnings(farringtonFlexible(days, control = control)), error = function(e) NULL)
  if (is.null(found) || is.na(found@control$pvalue[1])) return(1)
  found@control$pvalue[1]
}
write.table(apply(counts, 1, tail_of), paths[2], row.names = FALSE, col.names = FALSE)
