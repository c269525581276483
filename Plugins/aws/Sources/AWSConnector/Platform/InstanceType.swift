import AWSClient
import ConnectorKit
import ConnectorProtocol

/// A kind of instance, as EC2 describes it.
struct InstanceType: Codable, Hashable, Sendable {
  var name: String
  var vcpus: Int
  var memoryMiB: Int64
  /// `x86_64`, `arm64`.
  var architectures: Set<String>
  /// `legacy-bios`, `uefi`.
  var bootModes: Set<String>
  var networkInterfaces: Int
  var attachments: Int
  /// True where network interfaces take places of disks.
  var sharesAttachments: Bool
  var hasTPM: Bool
  var isBurstable: Bool
  /// Metal, GPUs, FPGAs and their like: never chosen unasked.
  var isSpecial: Bool
  var isNitro: Bool

  init?(_ item: XMLElement) {
    guard let name = item.string("instanceType"), let vcpus = item.int("vCpuInfo/defaultVCpus"),
      let memory = item.int("memoryInfo/sizeInMiB"), vcpus > 0, memory > 0, let count = Int(exactly: vcpus)
    else { return nil }
    self.name = name
    self.vcpus = count
    memoryMiB = memory
    architectures = Set(item.items("processorInfo/supportedArchitectures").map(\.text))
    let modes = Set(item.items("supportedBootModes").map(\.text))
    // Older answers do not tell them: x86 starts by BIOS then, Graviton by UEFI.
    bootModes = modes.isEmpty ? [architectures.contains("arm64") ? "uefi" : "legacy-bios"] : modes
    networkInterfaces = Int(clamping: item.int("networkInfo/maximumNetworkInterfaces") ?? 2)
    attachments = Int(clamping: item.int("ebsInfo/maximumEbsAttachments") ?? 28)
    sharesAttachments = item.string("ebsInfo/attachmentLimitType") != "dedicated"
    hasTPM = item.string("nitroTpmSupport") == "supported"
    isBurstable = item.bool("burstablePerformanceSupported") ?? false
    isNitro = item.string("hypervisor") == "nitro"
    let special = ["gpuInfo", "fpgaInfo", "inferenceAcceleratorInfo", "mediaAcceleratorInfo", "neuronInfo"]
    isSpecial =
      item.bool("bareMetal") == true || special.contains { item[$0] != nil } || name.contains("-flex.")
      || name.hasPrefix("mac")
  }

  /// 6 of `m6i.large`; 0 where the name does not say.
  var generation: Int {
    let digits = name.drop { !$0.isNumber }.prefix { $0.isNumber }
    return Int(digits) ?? 0
  }

  /// As EC2 names an architecture of the protocol; nil for one that it does not have.
  static func architecture(_ name: String) -> String? {
    switch name {
    case "x86_64": "x86_64"
    case "aarch64", "arm64": "arm64"
    default: nil
    }
  }
}

/// What a machine needs of its instance type.
struct TypeNeeds: Hashable, Sendable {
  var vcpus: Int
  var memoryMiB: Int64
  /// `x86_64`, `arm64`.
  var architecture: String
  /// `legacy-bios`, `uefi`.
  var bootMode: String
  var tpm: Bool
  var nics: Int
  var disks: Int

  /// What of it the type does not have and cannot be done without, in words.
  func missing(_ type: InstanceType) -> [String] {
    var missing: [String] = []
    if !type.isNitro { missing.append("it is not on the Nitro system, for which guests are prepared") }
    if !type.architectures.contains(architecture) { missing.append("it has no \(architecture) processors") }
    if !type.bootModes.contains(bootMode) {
      missing.append("it does not start by \(bootMode == "uefi" ? "UEFI" : "BIOS")")
    }
    if tpm && !type.hasTPM { missing.append("it has no TPM") }
    if nics > type.networkInterfaces {
      missing.append("it takes \(type.networkInterfaces) network interfaces, \(nics) are needed")
    }
    let places = type.sharesAttachments ? disks + nics : disks
    if places > type.attachments {
      let what = type.sharesAttachments ? "disks and network interfaces together" : "disks"
      missing.append("it takes \(type.attachments) \(what), \(places) are needed")
    }
    return missing
  }

  /// What the type has less of than the machine had.
  func lacking(_ type: InstanceType) -> [String] {
    var lacking: [String] = []
    if type.vcpus < vcpus { lacking.append("\(type.vcpus) vCPUs instead of \(vcpus)") }
    if type.memoryMiB < memoryMiB {
      lacking.append("\(ByteSize.text(type.memoryMiB << 20)) of memory instead of \(ByteSize.text(memoryMiB << 20))")
    }
    return lacking
  }
}
