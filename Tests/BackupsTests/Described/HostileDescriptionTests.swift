import ConnectorProtocol
import Disks
import Foundation
import Support
import Testing

@testable import Backups

/// Each broken or hostile description gets one error that names the object and the remedy, and leaves nothing behind.
@Suite struct HostileDescriptionTests {
  private func cloudStack(_ change: (String) -> String, volumes: String? = nil) throws -> TestFolder {
    let folder = try TestFolder()
    try folder.json("vm.json", change(CloudStackTests.machine))
    try folder.json("volumes.json", volumes ?? CloudStackTests.volumes())
    try folder.raw("\(CloudStackTests.rootPath).raw", size: 2 << 20)
    try folder.raw("\(CloudStackTests.dataPath).raw")
    return folder
  }

  @Test(arguments: [
    (#""cpunumber": 4"#, #""cpunumber": "four""#, "/cpunumber"), (#""cpunumber": 4"#, #""cpunumber": 0"#, "/cpunumber"),
    (#""cpunumber": 4"#, #""cpunumber": 1e300"#, "/cpunumber"), (#""cpunumber": 4"#, #""cpunumber": {}"#, "/cpunumber"),
    (#""memory": "4096""#, #""memory": 9223372036854775807"#, "/memory"),
    (#""memory": "4096""#, #""memory": -1"#, "/memory"), (#""memory": "4096""#, #""memory": [1]"#, "/memory"),
    (#""tags": ["#, #""tags": [7, "#, "/tags/0"), (#""details": {"#, #""details": ["a"], "x": {"#, "/details"),
    (#""displayname": "Web server""#, #""displayname": {"a": 1}"#, "/displayname"),
  ])
  func wrongTypesAndSizes(_ good: String, _ bad: String, _ place: String) async throws {
    let folder = try cloudStack { $0.replacing(good, with: bad) }
    let error = try await folder.refusal(folder.path)
    #expect(error.code == "backup.descriptorMalformed")
    #expect(error.cause?.contains(place) == true, "\(error)")
    #expect(error.object == folder("vm.json"))
  }

  @Test func aDiskThatIsNotThere() async throws {
    let folder = try cloudStack { $0 }
    unlink(folder("\(CloudStackTests.rootPath).raw"))
    unlink(folder("\(CloudStackTests.dataPath).raw"))
    let error = try await folder.refusal(folder.path)
    #expect(error.code == "backup.diskMissing")
    #expect(error.remedy?.contains(CloudStackTests.rootPath) == true)
  }

  @Test(arguments: ["../../etc/passwd", "/etc/passwd", "..", "/", "", "a/../../b"])
  func aPathThatLeadsOut(_ path: String) async throws {
    let folder = try cloudStack({ $0 }, volumes: CloudStackTests.volumes(root: path, data: path))
    unlink(folder("\(CloudStackTests.rootPath).raw"))
    let error = try await folder.refusal(folder.path)
    #expect(["backup.diskMissing", "backup.ambiguous"].contains(error.code), "\(error)")
  }

  @Test func anImageThatIsALinkOut() async throws {
    let folder = try cloudStack { $0 }
    unlink(folder("\(CloudStackTests.rootPath).raw"))
    try FileManager.default.createSymbolicLink(
      atPath: folder("\(CloudStackTests.rootPath).raw"), withDestinationPath: "/etc/passwd")
    #expect(try await folder.refusal(folder.path).code == "disk.outsideBackup")
  }

  @Test func anImageThatNamesAnotherFile() async throws {
    let folder = try cloudStack { $0 }
    let image = folder("\(CloudStackTests.rootPath).qcow2")
    unlink(folder("\(CloudStackTests.rootPath).raw"))
    try await folder.disk("\(CloudStackTests.rootPath).qcow2", "qcow2")
    for backing in [
      "/etc/passwd", "json:{\"driver\":\"nbd\",\"host\":\"127.0.0.1\"}", "nbd://127.0.0.1/x", "../../../etc/passwd",
    ] {
      _ = try await Tool.output("qemu-img", ["rebase", "-u", "-f", "qcow2", "-F", "raw", "-b", backing, image])
      let error = try await folder.refusal(folder.path)
      #expect(error.code == "disk.parentMissing", "\(error)")
      #expect(!error.description.contains("root:"))
    }
    // One that stands on itself.
    _ = try await Tool.output("qemu-img", ["rebase", "-u", "-f", "qcow2", "-F", "qcow2", "-b", image, image])
    #expect(["disk.parentMissing", "disk.chainLoop"].contains(try await folder.refusal(folder.path).code))
  }

  @Test func aDeviceTwice() async throws {
    let folder = try cloudStack({ $0 }, volumes: CloudStackTests.volumes(dataDevice: 0))
    #expect(try await folder.refusal(folder.path).cause?.contains("device 0") == true)
    let aws = try TestFolder()
    try aws.json("i.json", AWSTests.reservations(AWSTests.instance().replacing("/dev/sdf", with: "/dev/xvda")))
    #expect(try await aws.refusal(aws.path).cause?.contains("/dev/xvda") == true)
    let azure = try TestFolder()
    let twice = #""dataDisks": [{"lun": 3, "name": "a"}, "#
    try azure.json("vm.json", AzureTests.flat.replacing(#""dataDisks": ["#, with: twice))
    #expect(try await azure.refusal(azure.path).cause?.contains("lun") == true)
    let nutanix = try TestFolder()
    try nutanix.json(
      "vm.json", NutanixTests.fourth.replacing(#""index": 0}, "backingInfo""#, with: #""index": 1}, "backingInfo""#))
    #expect(try await nutanix.refusal(nutanix.path).cause?.contains("scsi.1") == true)
  }

  @Test func oneImageForTwoDisks() async throws {
    let both = "\(CloudStackTests.rootPath).\(CloudStackTests.dataPath).raw"
    let folder = try cloudStack { $0 }
    unlink(folder("\(CloudStackTests.rootPath).raw"))
    unlink(folder("\(CloudStackTests.dataPath).raw"))
    try folder.raw(both)
    #expect(try await folder.refusal(folder.path).code == "backup.ambiguous")
  }

  @Test func sizesThatCannotBeAreOnlyNoted() async throws {
    let huge = CloudStackTests.volumes().replacing("2097152", with: "9223372036854775807")
    let folder = try cloudStack({ $0 }, volumes: huge)
    let backup = try await BackupReader.read(folder.path)
    #expect(backup.machine.disks[0].sizeBytes == 2 << 20)
    #expect(backup.findings.contains { $0.contains("9223372036854775807") })
  }

  @Test func documentsThatAreNone() async throws {
    let folder = try TestFolder()
    let deep = String(repeating: "[", count: 200_000)
    try folder.json("deep.json", deep)
    let error = try await folder.refusal(folder("deep.json"))
    #expect(error.code == "backup.descriptorMalformed")
    #expect(error.cause?.contains("deep") == true)
    #expect(try await folder.refusal(folder.path).code == "backup.notRecognised")
    // Beside a machine that is described well it is only noted.
    let good = try cloudStack { $0 }
    try good.json("deep.json", deep)
    #expect(try await BackupReader.read(good.path).findings.contains { $0.contains("deep.json") })
    try good.json("empty.json", "{}")
    #expect(try await good.refusal(good("empty.json")).code == "backup.notRecognised")
  }

  @Test func namesDoNotSteerATerminal() async throws {
    let folder = try cloudStack { $0.replacing("Web server", with: #"Web\u001b[2Jserver\u0000"#) }
    #expect(try await BackupReader.read(folder.path).name == "Web[2Jserver")
  }

  @Test(arguments: [
    CloudStackTests.machine, AWSTests.reservations(AWSTests.instance()), AzureTests.flat, NutanixTests.third,
    NutanixTests.fourth,
  ])
  func mutationsNeitherCrashNorLeaveTheFolder(_ document: String) throws {
    var random = TestRandom(seed: 4711)
    var read = 0
    for _ in 0..<500 {
      guard let root = try? JSONParser.parse(random.mutate(Array(document.utf8))) else { continue }
      let library = JSONLibrary(documents: [.init(name: "vm.json", root: root)])
      for dialect in MachineJSONFormat.dialects {
        for machine in dialect.machines(library) {
          if let draft = try? dialect.draft(machine, library) { read += draft.nics.count }
        }
      }
    }
    #expect(read > 0)
  }
}
