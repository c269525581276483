import ConnectorProtocol
import Testing

@testable import Planning

@Suite struct MachinePathsTests {
  @Test func eachDiskLeavesTheNextLessSpace() {
    let path = ConversionPath(accepts: [DiskForm(format: "vhdx", access: ["file"])])
    let source = PathSource(formats: ["raw"], virtualSizeBytes: 4 * gib)
    let choices = MachinePaths(path: path, freeBytes: 9 * gib).choose(for: [source, source, source])
    #expect(choices.map(\.isPossible) == [true, true, false])
    #expect(choices.last?.rejected.first?.reason.contains("are free") == true)
  }

  @Test func oneFormForAllWhereItCostsTheSame() {
    // The second disk is too large for the first form; both fit the second, which costs no more.
    let path = ConversionPath(accepts: [
      DiskForm(format: "small", access: ["nbd"], maxBytes: 2 * gib), DiskForm(format: "large", access: ["nbd"]),
    ])
    let sources = [gib, 3 * gib].map { PathSource(formats: ["raw"], virtualSizeBytes: $0) }
    let choices = MachinePaths(path: path, freeBytes: 0).choose(for: sources)
    #expect(choices.map(\.format) == ["large", "large"])
    #expect(choices.first?.rejected.map(\.path) == ["small by nbd"])
    #expect(choices.first?.rejected.first?.reason == "one form for all of the machine's disks costs hardly more")
    #expect(choices.last?.rejected.first?.reason.hasPrefix("the disk is too large") == true)
  }

  @Test func separateFormsWhereOneForAllCostsMore() {
    let path = ConversionPath(accepts: [
      DiskForm(format: "raw", access: ["nbd"], maxBytes: 2 * gib), DiskForm(format: "raw", access: ["file"]),
    ])
    let sources = [gib, 3 * gib].map { PathSource(formats: ["raw"], virtualSizeBytes: $0) }
    let choices = MachinePaths(path: path, freeBytes: 10 * gib).choose(for: sources)
    #expect(choices.map(\.access) == ["nbd", "file"])
  }
}
