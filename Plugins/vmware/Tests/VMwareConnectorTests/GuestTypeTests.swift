import ConnectorProtocol
import Testing

@testable import VMwareConnector

@Suite struct GuestTypeTests {
  private func candidates(
    _ family: String, _ distribution: String? = nil, _ version: String? = nil, product: String? = nil,
    kernel: String? = nil, arch: String = "x86_64", source: String? = nil
  ) -> [String] {
    let kernels = kernel.map { [GuestFacts.Kernel(version: $0)] } ?? []
    let facts = GuestFacts(
      understood: true, family: family, distribution: distribution, version: version, productName: product,
      architecture: arch, kernels: kernels)
    return GuestType.candidates(facts, source: source.map { .init(sourceID: $0) })
  }

  @Test func newReleasesFallBackToOlderOnesOfTheSameKind() {
    let ids = candidates("linux", "debian", "12.5", kernel: "6.1.0-18-amd64")
    #expect(ids.prefix(3) == ["debian12_64Guest", "debian11_64Guest", "debian10_64Guest"])
    #expect(ids.contains("other6xLinux64Guest"))
    #expect(ids.suffix(2) == ["otherLinux64Guest", "otherGuest64"])
  }

  @Test func rebuildsFallBackToWhatTheyRebuild() {
    #expect(
      candidates("linux", "rocky", "9.3").prefix(3) == ["rockylinux_64Guest", "rhel9_64Guest", "centos9_64Guest"])
    #expect(candidates("linux", "almalinux", "8.9").prefix(2) == ["almalinux_64Guest", "rhel8_64Guest"])
    #expect(candidates("linux", "ubuntu", "22.04").first == "ubuntu64Guest")
    #expect(candidates("linux", "some-distribution", "1", kernel: "5.10.1").first == "other5xLinux64Guest")
  }

  @Test func windowsByProductAndByKernel() {
    #expect(
      candidates("windows", nil, "10.0", product: "Windows Server 2022 Standard").prefix(2)
        == ["windows2019srvNext_64Guest", "windows2019srv_64Guest"])
    #expect(candidates("windows", nil, "6.1", product: "Windows Server 2008 R2").first == "windows7Server64Guest")
    #expect(candidates("windows", nil, "10.0", product: "Windows 11 Pro").first == "windows11_64Guest")
    #expect(candidates("windows", nil, "10.0", product: "Windows 10 Pro", arch: "i686").first == "windows9Guest")
    #expect(candidates("windows", nil, "6.1").first == "windows7_64Guest")
  }

  @Test func theSourcesOwnWordWins() {
    #expect(candidates("linux", "debian", "12", source: "rhel8-64").first == "rhel8_64Guest")
    #expect(candidates("linux", "debian", "12", source: "sles15_64Guest").first == "sles15_64Guest")
    #expect(candidates("linux", "debian", "12", source: "pc-i440fx").first == "debian12_64Guest")
    #expect(GuestType.candidates(nil, source: nil) == ["otherGuest64"])
  }
}
