import Testing

@testable import Planning

@Suite struct VersionOrderTests {
  @Test(arguments: [("6.1", "10.0"), ("6.1", "6.2"), ("12", "12.1"), ("", "1"), ("7.9-rc", "8")])
  func comparesNumbers(pair: (String, String)) {
    #expect(VersionOrder.isBefore(pair.0, pair.1))
    #expect(!VersionOrder.isBefore(pair.1, pair.0))
  }

  @Test func sameIsNotBefore() {
    #expect(!VersionOrder.isBefore("12", "12.0"))
    #expect(!VersionOrder.isBefore("12.0", "12"))
  }
}
