import ConnectorProtocol
import Disks
import Foundation
import Support
import Testing

@testable import Backups

@Suite struct AWSTests {
  static let root = "vol-0aaaabbbbccccdddd"
  static let data = "vol-0eeeeffff00001111"

  static func instance(_ id: String = "i-0123456789abcdef0", name: String = "shop", data: String = data) -> String {
    """
    {"InstanceId": "\(id)", "InstanceType": "m5.large", "ImageId": "ami-1", "VpcId": "vpc-1", "Architecture": "x86_64",
     "RootDeviceName": "/dev/xvda", "RootDeviceType": "ebs", "EnaSupport": true, "Hypervisor": "xen",
     "BootMode": "uefi-preferred", "CurrentInstanceBootMode": "uefi", "TpmSupport": "v2.0",
     "PlatformDetails": "Linux/UNIX", "UsageOperation": "RunInstances", "EbsOptimized": true,
     "State": {"Code": 16, "Name": "running"}, "Placement": {"AvailabilityZone": "eu-west-1a", "Tenancy": "default"},
     "CpuOptions": {"CoreCount": 1, "ThreadsPerCore": 2}, "Tags": [{"Key": "Name", "Value": "\(name)"}],
     "IamInstanceProfile": {"Arn": "arn:aws:iam::1:instance-profile/web", "Id": "x"},
     "BlockDeviceMappings": [
       {"DeviceName": "/dev/sdf", "Ebs": {"VolumeId": "\(data)", "Status": "attached"}},
       {"DeviceName": "/dev/xvda", "Ebs": {"VolumeId": "\(root)", "DeleteOnTermination": true}}],
     "NetworkInterfaces": [{"Attachment": {"DeviceIndex": 0}, "MacAddress": "0a:11:22:33:44:55", "SubnetId": "subnet-9",
       "SourceDestCheck": true, "PrivateIpAddress": "10.0.0.7",
       "PrivateIpAddresses": [{"Primary": true, "PrivateIpAddress": "10.0.0.7"}, {"PrivateIpAddress": "10.0.0.8"}],
       "Ipv6Addresses": [{"Ipv6Address": "2001:db8::7"}], "Groups": [{"GroupId": "sg-1"}]}]}
    """
  }

  static func reservations(_ instances: String...) -> String {
    #"{"Reservations": [{"OwnerId": "1", "Instances": [\#(instances.joined(separator: ", "))]}]}"#
  }

  static let types = """
    {"InstanceTypes": [{"InstanceType": "m5.large", "VCpuInfo": {"DefaultVCpus": 2, "DefaultCores": 1},
      "MemoryInfo": {"SizeInMiB": 8192}, "EbsInfo": {"NvmeSupport": "required"}}]}
    """

  @Test func anInstanceWithRawAndVHD() async throws {
    let folder = try TestFolder()
    try folder.json("instances.json", Self.reservations(Self.instance()))
    try folder.json("types.json", Self.types)
    try folder.json(
      "volumes.json", #"{"Volumes": [{"VolumeId": "\#(Self.data)", "VolumeType": "gp3", "Size": 1, "Iops": 3000}]}"#)
    let content = try folder.raw("export-\(Self.root).raw", size: 2 << 20)
    try await folder.disk("\(Self.data).vhd", "vpc", options: "subformat=fixed,force_size=on")
    let backup = try await BackupReader.read(folder("instances.json"))
    #expect(backup.kind == .aws)
    #expect(backup.name == "shop")
    let machine = backup.machine
    #expect(machine.cpu == .init(count: 2, coresPerSocket: 1, threadsPerCore: 2))
    #expect(machine.memoryBytes == 8 << 30)
    #expect(machine.firmware == .init(type: .uefi, tpm: true))
    #expect(machine.disks.map(\.name) == ["/dev/xvda", "/dev/sdf"])
    #expect(machine.disks.map(\.boot) == [true, false])
    #expect(machine.controllers == [.init(id: "nvme0", bus: "nvme")])
    #expect(machine.nics[0].model == "ena")
    #expect(machine.nics[0].mac == "0a:11:22:33:44:55")
    #expect(machine.nics[0].network == "subnet-9")
    #expect(machine.nics[0].addresses == ["10.0.0.7", "10.0.0.8", "2001:db8::7"])
    #expect(machine.guest?.family == "linux")
    #expect(machine.identity.source["InstanceId"] == "i-0123456789abcdef0")
    #expect(machine.identity.uuid == nil)
    #expect(backup.disks.map(\.chain.topFormat) == [.raw, .vpc])
    #expect(try await reads(backup.disks[0].chain, like: content))
    // 1 GiB says the description, the image has less.
    #expect(backup.findings.contains { $0.contains("/dev/sdf has") })
    let losses = backup.losses.map(\.property)
    for property in ["EbsOptimized", "IamInstanceProfile", "Placement", "State", "/dev/sdf: VolumeType"] {
      #expect(losses.contains(property), "\(property)")
    }
    #expect(losses.contains("NetworkInterfaces/0/Groups"))
    #expect(!losses.contains("BootMode"))
  }

  @Test func aTypeWithoutItsSizeIsCompleted() async throws {
    let folder = try TestFolder()
    let plain = Self.instance().replacing(#""CpuOptions": {"CoreCount": 1, "ThreadsPerCore": 2}, "#, with: "")
    try folder.json("i.json", Self.reservations(plain))
    try folder.raw("\(Self.root).raw")
    try folder.raw("\(Self.data).raw")
    let backup = try await BackupReader.read(folder.path)
    #expect(backup.machine.cpu.count == Completion.defaultCPUs)
    #expect(backup.machine.memoryBytes == Completion.defaultMemoryBytes)
    #expect(backup.findings.contains { $0.contains("describe-instance-types") })
    let said = try await BackupReader.read(folder.path, options: ReadOptions(cpus: 6, memoryBytes: 3 << 30))
    #expect(said.machine.cpu.count == 6)
    #expect(said.machine.memoryBytes == 3 << 30)
    #expect(try await BackupReader.verify(said).passed)
  }

  @Test func oneOfSeveralMachines() async throws {
    let folder = try TestFolder()
    let other = Self.instance("i-2", name: "other", data: "vol-9").replacing(Self.root, with: "vol-8")
    try folder.json("all.json", Self.reservations(Self.instance(), other))
    for volume in [Self.root, Self.data, "vol-8", "vol-9"] { try folder.raw("\(volume).raw") }
    #expect(try await folder.refusal(folder.path).code == "backup.ambiguous")
    for name in ["other", "i-2"] {
      let backup = try await BackupReader.read(folder.path, options: ReadOptions(machine: name))
      #expect(backup.name == "other")
      #expect(backup.disks[0].chain.layers[0].path.hasSuffix("vol-8.raw"))
      #expect(try await BackupReader.verify(backup).passed)
    }
    let unknown = try await folder.refusal(folder.path, ReadOptions(machine: "third"))
    #expect(unknown.code == "backup.machineUnknown")
    #expect(unknown.cause?.contains("shop") == true)
  }

  @Test func snapshotsOfBothVolumesArePoints() async throws {
    let folder = try TestFolder()
    try folder.json("i.json", Self.reservations(Self.instance()))
    let snapshots = [
      ("snap-r2", Self.root, "02"), ("snap-r1", Self.root, "01"), ("snap-d1", Self.data, "01"),
      ("snap-d2", Self.data, "02"),
    ]
    let entries = snapshots.map { id, volume, day in
      #"{"SnapshotId": "\#(id)", "VolumeId": "\#(volume)", "StartTime": "2026-03-\#(day)T00:00:00.000Z", "VolumeSize": 1}"#
    }
    try folder.json("snaps.json", #"{"Snapshots": [\#(entries.joined(separator: ","))]}"#)
    var contents: [String: String] = [:]
    for (place, snapshot) in snapshots.enumerated() {
      contents[snapshot.0] = try folder.raw("\(snapshot.0).raw", seed: UInt8(place * 40))
    }
    let backup = try await BackupReader.read(folder.path)
    #expect(backup.points.map(\.id) == ["snap-r1", "snap-r2"])
    let old = try backup.at("snap-r1")
    #expect(try await reads(old.disks[0].chain, like: try #require(contents["snap-r1"])))
    #expect(try await reads(old.disks[1].chain, like: try #require(contents["snap-d1"])))
    #expect(try await reads(backup.disks[1].chain, like: try #require(contents["snap-d2"])))
  }
}
