"""The same words at another place, or with one more fact, are another item: made-up reports."""

from __future__ import annotations

import pytest

from hutong.classify import Classifier

EAST = "east-canal-01"

RIVALS = [
    # parking: pavement, carriageway, estate, the fee, the exit
    ("人行道上停满车，盲道被占", "sidewalk-parking", "urban-mgmt", "general"),
    ("路边停车双排停车，经常堵车", "road-parking", "traffic-police", "general"),
    ("违停车辆堵住路口，救护车出不去", "road-parking", "traffic-police", "urgent"),
    ("小区车位只售不租，业主没地方停车", "estate-parking", "housing", "hard"),
    ("停车场收费没有明码标价，乱收停车费", "car-park-charge", "market", "general"),
    # covers
    ("路口井盖缺失，有人掉下去", "manhole-missing", "urban-mgmt", "urgent"),
    ("井盖响，车一过就哐当，晚上睡不着", "manhole-noisy", "urban-mgmt", "general"),
    # lifts
    ("电梯困人，老人被困半小时", "lift-trapped", "market", "urgent"),
    ("电梯故障停运，维保没人管", "lift", "market", "urgent"),
    ("老旧小区想加装电梯，一楼不同意", "lift-adding", "housing", "consultation"),
    # noise
    ("工地凌晨还在打桩，夜间施工吵得无法入睡", "noise-site-night", "urban-mgmt", "general"),
    ("工地白天施工噪音太大，电钻不停", "noise-site-day", "housing", "general"),
    ("楼下广场舞音响噪音扰民", "noise-neighbour", "street-east", "general"),
    ("商铺用高音喇叭叫卖", "noise-business", "urban-mgmt", "general"),
    ("小区水泵房低频噪音", "noise-equipment", "housing", "general"),
    # dogs
    ("遛狗不牵绳，流浪狗多", "dogs", "police", "general"),
    ("孩子被狗咬伤", "dog-bite", "police", "urgent"),
    # water
    ("停水三天，自来水公司没有通知", "water-supply", "water-co", "urgent"),
    ("水费太高，水表走得快", "water-bill", "water-co", "consultation"),
    ("路面积水严重，一下雨就内涝", "ponding", "water", "urgent"),
    ("马路上下水道堵塞，污水外溢", "drain-blocked", "water", "general"),
    ("小区化粪池污水外溢，物业不管", "drain-estate", "street-east", "general"),
    ("河里死鱼，排污口偷排废水", "water-pollution", "ecology", "hard"),
    ("河道漂浮物没人打捞，河堤塌了", "river-litter", "water", "general"),
    ("楼上漏水，天花板滴水，邻居不配合", "leak-upstairs", "street-east", "general"),
    # gas
    ("楼道里有煤气味，怀疑燃气泄漏", "gas-leak", "gas-co", "urgent"),
    ("什么时候能开通天然气", "gas-supply", "gas-co", "general"),
    # lights and lines
    ("路灯不亮，晚上太黑", "street-lamp", "urban-mgmt", "general"),
    ("这条路没有路灯，请安装路灯", "street-lamp-new", "urban-mgmt", "hard"),
    ("小区路灯不亮，物业不修", "street-lamp-estate", "street-east", "general"),
    ("电线垂下来，横在路上", "lines-hanging", "power-co", "urgent"),
    # trees, signs, falling things
    ("行道树树枝太密，遮光，请修剪", "greenery", "urban-mgmt", "general"),
    ("大树倒了，砸车", "tree-fallen", "urban-mgmt", "urgent"),
    ("广告牌松动，摇摇欲坠", "sign-loose", "urban-mgmt", "urgent"),
    ("有人高空抛物", "thrown-objects", "police", "urgent"),
    ("外墙脱落，瓷砖掉落", "facade", "housing", "urgent"),
    # smoke
    ("楼下餐馆油烟扰民，没有烟道", "fumes", "urban-mgmt", "general"),
    ("夜市露天烧烤烟熏", "bbq", "urban-mgmt", "general"),
    ("化工厂排放废气刺鼻", "air-industry", "ecology", "hard"),
    ("工地扬尘，没有喷淋", "dust", "housing", "general"),
    ("渣土车遗撒，一路灰尘", "dust-truck", "urban-mgmt", "general"),
    ("夜里有人偷倒建筑垃圾", "debris-dumping", "urban-mgmt", "general"),
    # e-bikes
    ("楼道里电动车飞线充电", "ebike", "fire", "urgent"),
    ("希望建电动车充电棚，集中充电", "ebike-shed", "housing", "hard"),
    ("共享单车乱停放，堵门口", "bikes", "urban-mgmt", "general"),
    # roads
    ("路面坑洼，坑坑洼洼", "road-potholes", "urban-mgmt", "general"),
    ("路面塌陷出现大坑", "road-collapse", "urban-mgmt", "urgent"),
    # building
    ("隔壁正在搭建阳光房，楼顶加盖", "building-under-way", "urban-mgmt", "general"),
    ("违章建筑存在多年无人管", "building-existing", "urban-mgmt", "hard"),
    ("邻居装修砸承重墙", "bearing-wall", "housing", "hard"),
    # work, welfare, schools
    ("老板拖欠工资，农民工讨薪", "wages-unpaid", "labor", "hard"),
    ("工地拖欠工资，工人要跳楼讨薪", "wages-unpaid", "labor", "urgent"),
    (
        "医保报销比例是多少，生育津贴怎么领",
        "medical-insurance",
        "medical-insurance",
        "consultation",
    ),
    ("养老保险断缴怎么补缴", "social-insurance", "labor", "consultation"),
    ("老师有偿补课", "school-conduct", "education", "general"),
    ("学位不够，孩子入学划片问题", "admission", "education", "consultation"),
    ("健身房跑路，办卡的钱不退", "prepaid", "market", "hard"),
]


@pytest.mark.parametrize(("text", "item", "lead", "tier"), RIVALS, ids=[r[0] for r in RIVALS])
def test_rivals(classifier: Classifier, text: str, item: str, lead: str, tier: str) -> None:
    found = classifier.classify("", text, channel="app", area=EAST)
    assert (found.item, found.lead, found.tier) == (item, lead, tier), found.candidates


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("楼上漏水，邻居不配合", "dispute"),
        ("井盖缺失，有人掉下去", "hazard"),
        ("楼道里电动车飞线充电", "hazard"),
        ("建议给环卫工人点赞，清扫很干净", "opinion"),
        ("请问低保怎么申请", "service"),
        ("占道经营，流动摊贩太多", "management"),
        ("违停车辆堵住路口，救护车出不去", "hazard"),
        ("这条路没有路灯，请安装路灯", "opinion"),
    ],
)
def test_kind_is_the_first_rule_that_holds(classifier: Classifier, text: str, kind: str) -> None:
    assert classifier.classify("", text, channel="app", area=EAST).kind == kind


@pytest.mark.parametrize(
    ("text", "channel", "intent"),
    [
        ("请问社保卡怎么办理", "app", "consult"),
        ("举报有人赌博", "app", "report"),
        ("投诉物业不作为", "hotline", "complain"),
        ("建议增设公交线路", "app", "suggest"),
        ("送感谢信表扬社区民警", "app", "praise"),
        ("求助，家里停水了", "grid", "help"),
        ("路灯不亮", "app", "complain"),
        ("路灯不亮", "grid", "report"),
        ("路灯不亮", "hotline", "help"),
        ("路灯不亮", "a channel of later", "help"),
    ],
)
def test_intent_by_words_then_by_channel(
    classifier: Classifier, text: str, channel: str, intent: str
) -> None:
    assert classifier.classify("", text, channel=channel, area=EAST).intent == intent
