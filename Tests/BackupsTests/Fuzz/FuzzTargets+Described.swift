import Foundation
import Support

extension FuzzTargets {
  /// Disks beside what a platform says of their machine.
  static let described: [FuzzTarget] = [
    .backup("CloudStack", changing: "vm.json", cloudStack),
    .backup("CloudStack volumes", changing: "volumes.json", cloudStack),
    .backup("CloudStack's repository", changing: "domain-config.xml", repository),
    .backup("AWS", changing: "vm.json", aws),
    .backup("AWS volumes, types and snapshots", changing: "more.json", aws),
    .backup("Azure", changing: "vm.json", azure),
    .backup("Azure disks and interfaces", changing: "more.json", azure),
    .backup("Nutanix v3", changing: "vm.json") { folder in
      try folder.json("vm.json", NutanixTests.third)
      for name in ["d-scsi.raw", "d-sata.raw"] { try folder.raw(name, size: 65536) }
    },
    .backup("Nutanix v4", changing: "vm.json") { folder in
      try folder.json("vm.json", NutanixTests.fourth)
      for name in ["e-0.raw", "e-1.raw"] { try folder.raw(name, size: 65536) }
    },
    .backup("disk images alone", changing: "top.qcow2", text: false) { folder in
      try await chain(folder, "qcow2")
      // States within the image are looked for as well.
      for name in ["before", "after"] {
        _ = try await Tool.output("qemu-img", ["snapshot", "-c", name, folder("top.qcow2")])
      }
      try folder.raw("data.raw", size: 65536)
    },
  ]

  private static func cloudStack(_ folder: TestFolder) throws {
    try folder.json("vm.json", CloudStackTests.machine)
    try folder.json("volumes.json", CloudStackTests.volumes())
    for path in [CloudStackTests.rootPath, CloudStackTests.dataPath] { try folder.raw("\(path).raw", size: 65536) }
  }

  private static func repository(_ folder: TestFolder) async throws {
    try await folder.disk("root.\(CloudStackTests.rootPath).qcow2", "qcow2")
    try await folder.disk("datadisk.\(CloudStackTests.dataPath).qcow2", "qcow2")
    try folder.json("domain-config.xml", CloudStackTests.domain(memory: 1))
  }

  private static func aws(_ folder: TestFolder) throws {
    try folder.json("vm.json", AWSTests.reservations(AWSTests.instance()))
    let types = AWSTests.types.dropFirst().dropLast()
    try folder.json(
      "more.json",
      """
      {\(types), "Volumes": [{"VolumeId": "\(AWSTests.data)", "VolumeType": "gp3", "Size": 1, "Iops": 3000}],
       "Snapshots": [{"SnapshotId": "snap-1", "VolumeId": "\(AWSTests.root)", "StartTime": "2026-03-01T00:00:00.000Z",
         "VolumeSize": 1, "Tags": [{"Key": "Name", "Value": "first"}]}]}
      """)
    for name in [AWSTests.root, AWSTests.data, "snap-1"] { try folder.raw("\(name).raw", size: 65536) }
  }

  private static func azure(_ folder: TestFolder) async throws {
    try folder.json("vm.json", AzureTests.nested)
    try folder.json(
      "more.json",
      """
      [\(AzureTests.nic), {"name": "Standard_D2s_v5", "numberOfCores": 2, "memoryInMb": 8192},
       {"name": "vm1_OsDisk_1_ab12", "id": "/x/Microsoft.Compute/disks/vm1_osdisk_1_AB12", "diskState": "Attached",
        "creationData": {"createOption": "FromImage"}, "diskSizeBytes": 1048576, "hyperVGeneration": "V2"}]
      """)
    for name in ["vm1_OsDisk_1_ab12.vhd", "vm1_data.vhd"] {
      try await folder.disk(name, "vpc", size: 1 << 20, options: "subformat=fixed,force_size=on")
    }
  }
}
