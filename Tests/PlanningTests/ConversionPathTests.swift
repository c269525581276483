import ConnectorProtocol
import Planning
import Testing

@Suite struct ConversionPathTests {
  struct Pair: CustomTestStringConvertible, Sendable {
    var name: String
    var source: PathSource
    var accepts: [DiskForm]
    var free: Int64 = 100 * gib
    var diskFormat: String?
    var testDescription: String { name }
  }

  static let pairs = [
    Pair(name: "vmdk-to-block-service", source: Sources.vmdk, accepts: Accepts.blockService),
    Pair(name: "chain-to-block-service", source: Sources.chain, accepts: Accepts.blockService),
    Pair(name: "chain-to-fixed-vhd", source: Sources.chain, accepts: Accepts.fixedVHD),
    Pair(name: "small-to-fixed-vhd", source: Sources.small, accepts: Accepts.fixedVHD),
    Pair(name: "unmeasured-to-stream-vmdk", source: Sources.unmeasured, accepts: Accepts.streamVMDK),
    Pair(name: "vmdk-to-file-vhdx", source: Sources.vmdk, accepts: Accepts.fileVHDX),
    Pair(name: "chain-to-url-qcow2", source: Sources.chain, accepts: Accepts.urlQcow2),
    Pair(name: "vmdk-to-anything", source: Sources.vmdk, accepts: Accepts.anything),
    Pair(name: "vmdk-to-asked-qcow2", source: Sources.vmdk, accepts: Accepts.anything, diskFormat: "qcow2"),
    Pair(name: "no-space-for-a-copy", source: Sources.chain, accepts: Accepts.fileVHDX, free: gib),
  ]

  @Test(arguments: pairs) func explainsItsChoice(pair: Pair) throws {
    let path = ConversionPath(accepts: pair.accepts, diskFormat: pair.diskFormat)
    let choice = path.choose(for: pair.source, freeBytes: pair.free)
    try Golden.expect(PlanText.render(choice), matches: pair.name)
    // The same question has the same answer, and every way to end is accounted for.
    #expect(path.choose(for: pair.source, freeBytes: pair.free) == choice)
    let ways = pair.accepts.reduce(0) { $0 + $1.access.count }
    #expect(choice.rejected.count == ways - (choice.isPossible ? 1 : 0))
  }

  private func choose(_ form: DiskForm, _ source: PathSource = Sources.vmdk, free: Int64 = 100 * gib) -> PathChoice {
    ConversionPath(accepts: [form]).choose(for: source, freeBytes: free)
  }

  @Test func streamsRatherThanStages() {
    let choice = choose(DiskForm(format: "raw", access: ["file", "nbd"]))
    #expect(choice.access == "nbd")
    #expect(!choice.isStaged)
    #expect(choice.chosen.map(\.edge) == [.overlay, .guestPrepare, .serveNBD])
  }

  struct Rounding: Sendable {
    var size: Int64
    var effective: Int64
    var least: Int64?
  }

  static let roundings: [Rounding] = [
    Rounding(size: 10 * gib, effective: 10 * gib), Rounding(size: 10 * gib + 1, effective: 11 * gib),
    Rounding(size: 5 * mib, effective: gib), Rounding(size: 5 * mib, effective: 2 * gib, least: 2 * gib),
    Rounding(size: 1, effective: 3 * gib, least: 2 * gib + 1),
  ]

  @Test(arguments: roundings) func roundsUpAndNeverDown(rounding: Rounding) {
    let (size, effective, least) = (rounding.size, rounding.effective, rounding.least)
    let path = ConversionPath(accepts: [DiskForm(format: "raw", access: ["nbd"], roundTo: gib, minBytes: least)])
    let source = PathSource(formats: ["raw"], virtualSizeBytes: size)
    let choice = path.choose(for: source, freeBytes: 0)
    #expect(path.effectiveSize(of: source, by: choice) == effective)
    #expect(choice.chosen.contains { $0.edge == .pad } == (size != effective))
  }

  @Test func padsBeforeItPrepares() {
    let source = PathSource(formats: ["raw"], virtualSizeBytes: gib + 1, needsPreparation: true)
    let edges = choose(DiskForm(format: "raw", access: ["nbd"], roundTo: gib), source).chosen.map(\.edge)
    #expect(edges == [.overlay, .pad, .guestPrepare, .serveNBD])
  }

  @Test(arguments: [0, 1]) func holdsTheLargestSize(short: Int64) {
    let max = 10 * gib - short
    let fits = short == 0
    let choice = choose(DiskForm(format: "raw", access: ["nbd"], maxBytes: max))
    #expect(choice.isPossible == fits)
    let reason = choice.rejected.first?.reason
    #expect(reason?.hasPrefix("the disk is too large") == (fits ? nil : true))
  }

  @Test func sizesThatOverflowAreRefused() {
    let source = PathSource(formats: ["raw"], virtualSizeBytes: .max - 5)
    let choice = choose(DiskForm(format: "raw", access: ["nbd"], roundTo: gib), source)
    #expect(choice.rejected.map(\.reason) == ["the disk is too large to be rounded up"])
  }

  @Test func otherSectorsAreRefused() {
    let choice = choose(DiskForm(format: "raw", access: ["nbd"], sectorBytes: 4096))
    #expect(choice.rejected.first?.reason.contains("4096") == true)
  }

  @Test func unknownAccessIsRefused() {
    let choice = choose(DiskForm(format: "raw", access: ["pigeon"]))
    #expect(choice.rejected.map(\.path) == ["raw by pigeon"])
    #expect(choice.rejected.first?.reason.contains("offers a disk by pigeon") == true)
  }

  @Test func preparationNeedsSpaceToo() {
    #expect(!choose(DiskForm(format: "raw", access: ["nbd"]), free: 0).isPossible)
    #expect(choose(DiskForm(format: "raw", access: ["nbd"]), Sources.chain, free: 0).isPossible)
  }

  @Test func denseDisksCostTheirZeros() {
    let sparse = choose(DiskForm(format: "raw", access: ["nbd"]), Sources.chain)
    let dense = choose(DiskForm(format: "raw", access: ["nbd"], sparse: "required-dense"), Sources.chain)
    #expect(sparse.chosen.last?.bytesRead == 3 * gib)
    #expect(dense.chosen.last?.bytesRead == 11_000_000_000)
    #expect((dense.cost?.seconds ?? 0) > (sparse.cost?.seconds ?? 0))
  }

  @Test func equalCostGoesByTheConnectorsOrder() {
    let forms = ["b", "a"].map { DiskForm(format: $0, access: ["nbd"]) }
    let choice = ConversionPath(accepts: forms).choose(for: Sources.chain, freeBytes: 0)
    #expect(choice.format == "b")
    #expect(choice.rejected.first?.reason == "it costs about the same, and the connector prefers b by nbd")
  }

  @Test func theConnectorsOrderWinsOverASplitSecond() {
    let choice = ConversionPath(accepts: Accepts.fileVHDX).choose(for: Sources.vmdk, freeBytes: 100 * gib)
    #expect(choice.format == "vhdx")
    // Over a large disk the difference is more than an estimate's error.
    let large = PathSource(formats: ["raw"], virtualSizeBytes: 1000 * gib)
    #expect(ConversionPath(accepts: Accepts.fileVHDX).choose(for: large, freeBytes: 2000 * gib).format == "vhd")
  }

  @Test func costGrowsWithDataNotWithSize() {
    let form = DiskForm(format: "vhdx", access: ["file"])
    let small = choose(form, PathSource(formats: ["raw"], virtualSizeBytes: 10 * gib, allocatedBytes: gib))
    let large = choose(form, PathSource(formats: ["raw"], virtualSizeBytes: 10_000 * gib, allocatedBytes: gib))
    #expect(small.cost == large.cost)
  }
}
