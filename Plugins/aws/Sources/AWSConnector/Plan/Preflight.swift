import AWSClient
import ConnectorKit
import ConnectorProtocol
import Foundation

/// Whether a machine can be made in the account, and as what. Changes nothing.
struct Preflight: Sendable {
  var request: PlanPreflight
  var account: Account

  private var settings: Settings { account.settings }

  func run() async throws -> PlanPreflight.Result {
    try request.job.checkPlain()
    var findings = Findings()
    checkRequest(&findings)
    let (subnets, groups) = try await network()
    let plan = NetworkPlan(request: request, settings: settings, subnets: subnets, groups: groups)
    let disks = DiskPlan(request: request, settings: settings).disks(&findings)
    let nics = plan.nics(&findings)
    try await AddressPlan(account: account, job: request.job).check(nics?.nics ?? [], &findings)
    try await ProfilePlan(account: account).check(text("instanceProfile"), &findings)
    try await BucketPlan(account: account).check(&findings)
    let key = try await keyName(&findings)
    let kms = try await KeyPlan(account: account).arn(text("kmsKeyId") ?? settings.kmsKeyId, &findings)
    let machine = MachinePlanner(request: request, account: account)
    var types: [TypeChooser.Choice] = []
    if let nics {
      types = try await machine.types(zone: nics.zone, nics: nics.nics.count, disks: disks.count, &findings)
    }
    let keepSnapshots = request.options["keepSnapshots"]?.boolValue ?? true
    let source = await CostPlan(
      account: account, disks: disks, keepSnapshots: keepSnapshots, system: machine.system
    ).costs(types.first)
    machine.tell(source, &findings)
    let state = MachinePlan(
      job: request.job, name: request.name, region: settings.region, zone: nics?.zone ?? "",
      architecture: machine.architecture ?? "x86_64", bootMode: machine.bootMode, tpm: machine.tpm,
      instanceTypes: types.map(\.type.name), keyName: key, instanceProfile: text("instanceProfile"),
      tenancy: text("tenancy").flatMap { $0 == "default" ? nil : $0 }, hostID: text("hostId"),
      kmsKeyID: kms, userData: request.mapping.userData, disks: disks,
      nics: nics?.nics ?? [], tags: request.mapping.tags, keepSnapshots: keepSnapshots,
      startAtOnce: request.options["startAtOnce"]?.boolValue ?? false, delivery: settings.delivery,
      bucket: settings.delivery == .import ? settings.bucket : nil, importsImage: machine.importsImage, costs: source)
    try await tellParents(state, &findings)
    return try state.result(for: request, findings, resources: Resources(plan: state).all)
  }

  private func text(_ name: String) -> String? {
    request.options[name]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
  }

  private func checkRequest(_ findings: inout Findings) {
    if !NameRule.accepts(request.name) {
      findings.refuse(
        name: request.name, nearest: NameRule.nearest(request.name),
        rule: "A name has at most \(MachineLimits.name) characters: letters, digits, spaces and _ . : / = + @ ( ) -")
    }
    if let data = request.mapping.userData, data.utf8.count > MachineLimits.userData {
      findings.block(
        "userData.tooLong", "The user data have \(data.utf8.count) bytes; 16 KiB are possible.",
        at: "/mapping/userData", action: "Let them fetch the rest.")
    }
    TagRule(mapping: request.mapping).check(&findings)
    if text("tenancy") == "host", text("hostId") == nil {
      findings.note(
        "tenancy.host", "No dedicated host is named: EC2 takes any with room and auto-placement.", at: "/options/hostId"
      )
    }
  }

  private func network() async throws -> ([Subnet], [String: (vpc: String, name: String)]) {
    try await Failure.translating("Reading the account's networks", outcome: .none) {
      let subnets = try await account.subnets().compactMap(Subnet.init)
      var groups: [String: (vpc: String, name: String)] = [:]
      for group in try await account.securityGroups() {
        guard let id = group.string("groupId") else { continue }
        groups[id] = (group.string("vpcId") ?? "", group.string("groupName") ?? "")
      }
      return (subnets, groups)
    }
  }

  private func keyName(_ findings: inout Findings) async throws -> String? {
    guard let name = text("keyName") ?? settings.keyName else { return nil }
    let known = try await Failure.translating("Reading the account's key pairs", outcome: .none) {
      try await account.keyPairs().compactMap { $0.string("keyName") }
    }
    if !known.contains(name) {
      findings.block(
        "keyPair.unknown", "There is no key pair '\(name)' in \(settings.region).", at: "/options/keyName",
        action: known.isEmpty
          ? "Make one, or restore without." : "Choose one of \(known.sorted().prefix(12).joined(separator: ", ")).")
    }
    return name
  }

  private func tellParents(_ plan: MachinePlan, _ findings: inout Findings) async throws {
    guard let folder = account.stateFolder, plan.delivery == .ebs, !findings.isBlocked else { return }
    for disk in plan.disks {
      let found = try await Failure.translating("Looking for earlier snapshots", outcome: .none) {
        try await ParentSearch(account: account, folder: folder).find(disk, plan)
      }
      if let parent = found.parent {
        let key = parent.kmsKeyARN.map { " It is encrypted as that is, with \($0)." } ?? ""
        findings.note(
          "disk.incremental",
          "Disk \(disk.index) goes on from snapshot \(parent.id): only blocks that have changed since are sent.\(key)",
          at: "/disks")
      } else if let (id, why) = found.passedOver {
        findings.note(
          "disk.whole", "All of disk \(disk.index) is sent: it cannot go on from snapshot \(id), since \(why).",
          at: "/disks")
      }
    }
  }
}
