extension CaseIterable where Self: RawRepresentable<String> {
  /// All that there are, as a message tells them.
  static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }
}
