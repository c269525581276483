public import ConnectorProtocol

extension JobID {
  /// True where the id can go into names, paths and marks as it is: letters and digits of ASCII, and hyphens.
  ///
  /// - Parameter lengths: How long it may be.
  public func isPlain(_ lengths: ClosedRange<Int> = 8...64) -> Bool {
    lengths.contains(rawValue.utf8.count)
      && rawValue.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
  }

  /// - Throws: `invalidParams` where the id is not plain.
  public func checkPlain(_ lengths: ClosedRange<Int> = 8...64) throws(ConnectorError) {
    guard isPlain(lengths) else {
      throw ConnectorError(
        .invalidParams, "The job's id holds other characters than letters, digits and hyphens, or is too long.",
        remedy: "Use a UUID.", outcome: .none)
    }
  }
}
