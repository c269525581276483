import ConnectorKit
import ConnectorProtocol
import Testing

private enum TestController: String, ControllerKind {
  case modern, old

  var firmware: [FirmwareType] { self == .old ? [.bios] : [.bios, .uefi] }
}

private enum TestNIC: String, NICModelKind {
  case quick, plain

  static let maxCount = 2
}

private enum Drivers: DriverNeedTable {
  typealias Controller = TestController
  typealias NIC = TestNIC
}

@Suite struct FindingsTests {
  @Test func onlyBlockersBlock() {
    var findings = Findings()
    findings.note("a", "a")
    findings.warn("b", "b", at: "/name", action: "Think.")
    findings.adjust("/machine/memoryBytes", from: "1", to: "2", why: "steps")
    #expect(!findings.isBlocked)
    findings.block("c", "c", at: "/disks")
    #expect(findings.isBlocked)
    #expect(findings.diagnostics.map(\.severity) == [.note, .warning, .blocker])
    #expect(findings.adjustments == [.init(at: "/machine/memoryBytes", from: "1", to: "2", why: "steps")])
  }

  @Test func aControllerIsFoundByItsDisksIndex() throws {
    let hardware = Hardware(firmware: .uefi, arch: "x86_64", controllers: ["modern", "old", "none"], nicModel: nil)
    var findings = Findings()
    let found: TestController? = findings.controller(ofDisk: 0, hardware)
    #expect(found == .modern)
    #expect(!findings.isBlocked)
    for (index, code) in [(1, "controller.firmware"), (2, "controller.unknown"), (3, "controller.unknown")] {
      let none: TestController? = findings.controller(ofDisk: index, hardware)
      let said = try #require(findings.diagnostics.last)
      #expect(none == nil)
      #expect(said.code == code)
      #expect(said.at == "/hardware/controllers/\(index)")
    }
    #expect(findings.diagnostics[1].action == "Choose one of modern, old.")
  }

  @Test func aNICModelIsTheChosenOrTheStandardOne() {
    func request(_ model: String?, _ count: Int) -> PlanPreflight {
      PlanPreflight(
        job: JobID("job-1"), name: "vm",
        machine: MachineDescription(
          name: "source", cpu: .init(count: 1), memoryBytes: 1 << 30, nics: (0..<count).map { .init(index: $0) }),
        disks: [], hardware: Hardware(firmware: .bios, arch: "x86_64", controllers: [], nicModel: model))
    }
    var findings = Findings()
    let possible = [request(nil, 2), request("quick", 0)].map { findings.nicModel($0, otherwise: TestNIC.plain) }
    #expect(possible == [.plain, .quick])
    #expect(!findings.isBlocked)
    let others = [request("slow", 0), request(nil, 3)].map { findings.nicModel($0, otherwise: TestNIC.plain) }
    #expect(others == [nil, .plain])
    #expect(findings.diagnostics.map(\.code) == ["nic.unknown", "nic.many"])
  }

  @Test func disksAreToldApartByTheirIndices() {
    func disks(_ indices: [Int]) -> [PlanPreflight.PlannedDisk] {
      indices.map { .init(index: $0, sizeBytes: 1, format: "raw", access: "nbd", boot: true) }
    }
    var findings = Findings()
    let verdicts = [[1, 0], [0, 0], [-1]].map { findings.checkIndices(of: disks($0)) }
    #expect(verdicts == [true, false, false])
    #expect(findings.diagnostics.map(\.code) == ["disk.index", "disk.index"])
  }

  @Test func aDiskComesInAFormOfTheDocument() {
    let forms = [
      CapabilityDocument.DiskForm(format: "raw", access: ["nbd", "file"]),
      CapabilityDocument.DiskForm(format: "vmdk", subformat: "streamOptimized", access: ["nbd"]),
    ]
    func check(_ format: String, _ subformat: String?, _ access: String) -> Bool {
      var findings = Findings()
      let disk = PlanPreflight.PlannedDisk(
        index: 0, sizeBytes: 1, format: format, subformat: subformat, access: access, boot: true)
      let isGood = findings.checkForm(of: disk, at: "/disks/0", in: forms)
      #expect(isGood == !findings.isBlocked)
      return isGood
    }
    #expect(check("raw", nil, "file"))
    #expect(check("vmdk", "streamOptimized", "nbd"))
    #expect(!check("raw", "fixed", "file"))
    #expect(!check("vmdk", nil, "nbd"))
    #expect(!check("vmdk", "streamOptimized", "file"))
    #expect(!check("qcow2", nil, "nbd"))
  }

  @Test func aNameIsRefusedWithAProposal() {
    var findings = Findings()
    findings.refuse(name: "a/b", nearest: "a-b", rule: "no slashes")
    findings.refuse(name: "///", nearest: nil, rule: "no slashes")
    #expect(findings.diagnostics.map(\.action) == ["Use 'a-b'.", "Use letters, digits, '.', '_' and '-'."])
    #expect(findings.diagnostics.allSatisfy { $0.detail == "no slashes" && $0.code == "name.invalid" })
  }

  @Test func driversServeAControllerOrAModel() {
    let boot = Drivers.boot("windows", ["new"], .modern, min: "6.2")
    #expect(boot.initramfs)
    #expect(boot.controllers == ["modern"])
    #expect(boot.when == .init(family: "windows", min: "6.2"))
    let network = Drivers.network("linux", ["quick_net"], .quick, below: "4.0")
    #expect(!network.initramfs)
    #expect(network.nics == ["quick"])
    #expect(network.when == .init(family: "linux", below: "4.0"))
  }
}
