import Testing

@testable import Disks

@Suite struct VMDKDescriptorTests {
  static let text = """
    # Disk DescriptorFile
    version=1
    CID=fffffffe
    parentCID=ffffffff
    createType = "twoGbMaxExtentFlat"

    # Extent description
    RW 4192256 FLAT "disk-f001.vmdk" 0
    RW 16 FLAT "disk f002.vmdk" 128

    ddb.adapterType = "lsilogic"
    """

  @Test func readsWhatWritersWrite() throws {
    let descriptor = try VMDKDescriptor.parse(Array(Self.text.utf8))
    #expect(descriptor.createType == "twoGbMaxExtentFlat")
    #expect(descriptor.parentName == nil)
    #expect(descriptor.extents.map(\.fileName) == ["disk-f001.vmdk", "disk f002.vmdk"])
    #expect(descriptor.extents.map(\.sectors) == [4_192_256, 16])
    #expect(descriptor.extents.map(\.offsetSectors) == [0, 128])
    let windows = Self.text.replacing("\n", with: "\r\n")
    #expect(try VMDKDescriptor.parse(Array(windows.utf8)) == descriptor)
    #expect(try VMDKDescriptor.parse(Array(Self.text.utf8) + [0, 0x22, 0x0a, 0]) == descriptor)
  }

  @Test(arguments: [
    "RW 16 FLAT", "RW\n16\nFLAT \"x\" 0", "RW 16 FLAT \"x", "RW x FLAT \"y\" 0", "RW -1 FLAT \"y\" 0",
    "RW 16 FLAT \"x\" 0 \"y\" 0", "hello", "createType=\"a\"\ncreateType=\"b\"", "RW 1 FLAT \"x\"\r 0\n", "a\0b",
    "RW 99999999999999999999 FLAT \"x\" 0",
  ]) func refusesWhatItDoesNotUnderstand(_ line: String) {
    #expect(throws: VMDKDescriptor.Malformed.self) {
      try VMDKDescriptor.parse(Array((Self.text + "\n" + line + "\n").utf8))
    }
  }

  @Test func survivesMutations() {
    var random = TestRandom(seed: 7)
    let good = Array(Self.text.utf8)
    for _ in 0..<500 {
      var bytes = good
      for _ in 0..<Int.random(in: 1...20, using: &random) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0...2, using: &random) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.remove(at: place)
        default: bytes.insert(contentsOf: "RW \"\n="[...].utf8, at: place)
        }
      }
      if let descriptor = try? VMDKDescriptor.parse(bytes) {
        #expect(descriptor.extents.allSatisfy { $0.sectors >= 0 && $0.offsetSectors >= 0 })
      }
    }
  }
}
