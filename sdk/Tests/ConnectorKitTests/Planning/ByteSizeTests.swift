import ConnectorKit
import Testing

@Suite struct ByteSizeTests {
  @Test(
    arguments: [
      ("0", 0), ("2147483648", 2 << 30), ("2GiB", 2 << 30), ("512 MiB", 512 << 20), ("1g", 1 << 30), ("7KB", nil),
      ("", nil), ("GiB", nil), ("-1", nil), ("1.5GiB", nil), ("9999999999TiB", nil), ("12b", 12),
    ] as [(String, Int64?)]) func sizesAreRead(text: String, bytes: Int64?)
  { #expect(ByteSize.parse(text) == bytes) }

  @Test(
    arguments: [
      (0, "0 bytes"), (1023, "1023 bytes"), (1 << 10, "1 KiB"), (1536 << 20, "1.5 GiB"), (64 << 40, "64 TiB"),
      (.max, "8388608 TiB"),
    ] as [(Int64, String)]) func sizesAreTold(bytes: Int64, text: String)
  { #expect(ByteSize.text(bytes) == text) }

  @Test func addressesOfOneInterface() {
    #expect(MACAddress.unicast("00-50-56-AB-CD-EF") == "00:50:56:ab:cd:ef")
    for wrong in ["01:00:5e:00:00:01", "00:00:00:00:00:00", "00:50:56:ab:cd", "00:50:56:ab:cd:ef:00", "x", ""] {
      #expect(MACAddress.unicast(wrong) == nil)
    }
  }
}
