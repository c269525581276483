import Foundation
import Support
import Testing

@Suite struct FormatTests {
  @Test(arguments: [
    (Int64(0), "0 B"), (512, "512 B"), (1536, "1.5 KiB"), (1 << 30, "1 GiB"), (450 << 20, "450 MiB"),
    (Int64(1) << 50, "1 PiB"),
  ])
  func bytes(_ count: Int64, _ text: String) {
    #expect(Format.bytes(count) == text)
  }

  @Test(arguments: [(0.85, "850 ms"), (4.21, "4.2 s"), (65, "1 min 05 s"), (7380, "2 h 03 min"), (-1, "0 s")])
  func duration(_ seconds: Double, _ text: String) {
    #expect(Format.duration(seconds: seconds) == text)
  }

  @Test func timestampsRoundTrip() throws {
    let date = Date(timeIntervalSince1970: 1_700_000_000.125)
    #expect(Timestamp.text(date) == "2023-11-14T22:13:20.125Z")
    #expect(Timestamp.date(Timestamp.text(date)) == date)
    #expect(Timestamp.date("2023-11-14T22:13:20Z") == Date(timeIntervalSince1970: 1_700_000_000))
    #expect(Timestamp.date("yesterday") == nil)
  }

  @Test func anErrorSaysWhatOnWhatWhyAndWhatNext() {
    let error = AscendError(
      "disk.noSpace", "The overlay cannot be written", object: "/x", cause: "full", remedy: "Free some")
    #expect(error.description == "The overlay cannot be written (/x): full. Free some")
  }
}
