import Testing

extension Tag {
  /// Needs moto, which scripts/test-tools installs.
  @Tag static var endpoint: Self
}
