import Testing

extension Tag {
  /// Needs the vCenter simulator, which is built where Go is.
  @Tag static var simulator: Self
}
