import ConnectorProtocol
import Testing

@testable import Planning

/// The mapping's `diskAccess`.
@Suite struct DiskAccessTests {
  static let forms = [
    CapabilityDocument.DiskForm(format: "raw", access: ["nbd"]),
    CapabilityDocument.DiskForm(format: "qcow2", access: ["nbd", "file"]),
  ]
  static let source = PathSource(formats: ["qcow2"], virtualSizeBytes: 10 << 30, allocatedBytes: 2 << 30)

  private func choice(_ access: String?, format: String? = nil) -> PathChoice {
    ConversionPath(accepts: Self.forms, diskFormat: format, diskAccess: access)
      .choose(for: Self.source, freeBytes: 100 << 30)
  }

  @Test func takesTheCheapestWithoutIt() {
    #expect(choice(nil).description == "raw by nbd")
  }

  @Test(arguments: [("nbd", "raw by nbd"), ("file", "qcow2 by file")])
  func isHonoured(access: String, path: String) {
    #expect(choice(access).description == path)
  }

  @Test func goesWithAFormat() {
    #expect(choice("nbd", format: "qcow2").description == "qcow2 by nbd")
    #expect(!choice("file", format: "raw").isPossible)
  }

  @Test func saysWhyTheOthersAreRefused() {
    let rejected = choice("file").rejected
    #expect(rejected.map(\.path) == ["raw by nbd", "qcow2 by nbd"])
    #expect(rejected.allSatisfy { $0.reason == "the mapping asks for access by file" })
  }

  @Test func anAccessThatNobodyTakesLeavesNoPath() {
    #expect(!choice("carrier pigeon").isPossible)
  }

  @Test func isDecodedFromAMapping() throws {
    #expect(try JSONValue.object(["diskAccess": "file"]).decode(Mapping.self).diskAccess == "file")
    #expect(try JSONValue.object([:]).decode(Mapping.self).diskAccess == nil)
  }
}
