import ConnectorProtocol
import Foundation

extension Backup.Kind {
  /// Disks with the answer of `describe-instances`.
  static let aws: Backup.Kind = "aws"
}

/// `describe-instances` of AWS, with `describe-instance-types`, `describe-volumes` and `describe-snapshots` beside it.
enum AWSDialect: MachineDialect {
  static let name = "describe-instances of AWS"
  static let platform = "aws"

  static func machines(_ library: JSONLibrary) -> [DescribedMachine] {
    let places = library.objects { $0["InstanceId"] != nil && $0["InstanceType"] != nil }
    return places.map { place in
      DescribedMachine(place: place, names: [tagged(place.members["Tags"]), place["InstanceId"]].compactMap(\.self))
    }
  }

  /// The value of the tag `Name`.
  static func tagged(_ tags: JSONNode?) -> String? {
    guard case .array(let tags) = tags else { return nil }
    let name = tags.first { $0["Key"]?.text == "Name" }?["Value"]?.text
    return name?.isEmpty == true ? nil : name
  }

  static func draft(_ machine: DescribedMachine, _ library: JSONLibrary) throws(JSONFault) -> MachineDraft {
    let record = machine.place.record
    let id = try record.text("InstanceId") ?? "instance"
    var draft = MachineDraft(
      name: MachineDraft.clean(tagged(machine.place.members["Tags"]), or: id), platform: platform, kind: .aws)
    draft.identity.source = ["InstanceId": id]
    for key in ["ImageId", "VpcId"] { draft.identity.source[key] = try record.text(key) }
    for tag in try record.records("Tags") {
      if let key = try tag.text("Key") { draft.tags[key] = try tag.text("Value") ?? "" }
    }
    let type = try record.text("InstanceType") ?? ""
    draft.identity.source["InstanceType"] = type
    let size = try AWSInstanceType.find(type, library)
    draft.cpu = try cpu(record, size)
    draft.memoryBytes = size?.memoryBytes
    if draft.cpu == nil || size == nil {
      draft.findings.append(
        "The description names the type \(type.prefix(60)) and not its size: put the answer of "
          + "`aws ec2 describe-instance-types --instance-types \(type.prefix(60))` beside it")
    }
    draft.firmware = try firmware(record)
    try readGuest(record, &draft)
    try readNICs(record, &draft)
    try AWSDisks.read(record, library, bus: size?.bus, into: &draft)
    draft.losses += record.losses(why: DraftTools.why)
    return draft
  }

  /// What the instance was given of its type's processors, else what the type has.
  private static func cpu(_ record: JSONRecord, _ size: AWSInstanceType?) throws(JSONFault) -> MachineDescription.CPU? {
    guard let options = try record.record("CpuOptions") else { return size?.cpu }
    let cores = try options.count("CoreCount", in: DraftTools.counts)
    let threads = try options.count("ThreadsPerCore", in: 1...64)
    guard let cores else { return size?.cpu }
    let count = Int(cores * (threads ?? 1))
    return .init(count: count, coresPerSocket: Int(cores), threadsPerCore: threads.map { Int($0) })
  }

  private static func firmware(_ record: JSONRecord) throws(JSONFault) -> MachineDescription.Firmware? {
    let asked = try record.text("BootMode")
    let current = try record.text("CurrentInstanceBootMode")
    let tpm = try record.text("TpmSupport") != nil
    guard let mode = current ?? asked else { return tpm ? .init(type: .uefi, tpm: true) : nil }
    return .init(type: mode.hasPrefix("uefi") ? .uefi : .bios, tpm: tpm)
  }

  private static func readGuest(_ record: JSONRecord, _ draft: inout MachineDraft) throws(JSONFault) {
    let platform = try record.text("Platform")
    let details = try record.text("PlatformDetails")
    let usage = try record.text("UsageOperation")
    let architecture = try record.text("Architecture")
    if let architecture, architecture != "x86_64" {
      draft.findings.append(
        "The machine is of the architecture \(architecture.prefix(40)), and needs a platform that has it")
    }
    guard let words = details ?? platform else { return }
    draft.guest = .init(family: GuestWords.family(words), name: words, sourceID: usage)
  }

  private static func readNICs(_ record: JSONRecord, _ draft: inout MachineDraft) throws(JSONFault) {
    let ena = try record.flag("EnaSupport")
    let virtual = try record.text("SriovNetSupport")
    let model = ena == true ? "ena" : virtual == nil ? nil : "ixgbevf"
    var found: [(order: Int64, nic: MachineDescription.NIC)] = []
    for (place, nic) in try record.records("NetworkInterfaces").enumerated() {
      let attachment = try nic.record("Attachment")
      let order = try attachment?.integer("DeviceIndex") ?? Int64(place)
      attachment?.pass("AttachTime", "AttachmentId", "DeleteOnTermination", "Status", "NetworkCardIndex")
      var addresses: [String] = []
      for address in try nic.records("PrivateIpAddresses") {
        if let text = try address.text("PrivateIpAddress"), !addresses.contains(text) { addresses.append(text) }
        address.pass("Primary", "PrivateDnsName")
      }
      for address in try nic.records("Ipv6Addresses") {
        if let text = try address.text("Ipv6Address") { addresses.append(text) }
        address.pass("IsPrimaryIpv6")
      }
      if let address = try nic.text("PrivateIpAddress"), addresses.isEmpty { addresses = [address] }
      let mac = DraftTools.mac(try nic.text("MacAddress"), &draft.findings)
      let network = try nic.text("SubnetId")
      nic.pass("NetworkInterfaceId", "OwnerId", "VpcId", "Status", "PrivateDnsName", "Description")
      found.append((order, .init(index: 0, model: model, mac: mac, network: network, addresses: addresses)))
    }
    found.sort { $0.order < $1.order }
    draft.nics = found.enumerated().map { place, entry in
      var nic = entry.nic
      nic.index = place
      return nic
    }
  }
}
