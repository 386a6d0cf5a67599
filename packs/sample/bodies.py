"""The bodies of a typical city: command, departments, utilities, enterprises; codes are English words.

Each line is "code name short-name"; names are the usual ones of any such city, not a real list.
"""

from __future__ import annotations

GROUPS = """
supervision_group 综合督导组 综合督导组
group_facilities 基础设施提升组 基础设施组
group_communities 社区设施提升组 社区设施组
group_sanitation 环境卫生提升组 环境卫生组
group_publicity 公益广告宣传组 公益宣传组
group_windows 窗口服务提升组 窗口服务组
group_order 市容秩序提升组 市容秩序组
"""
OFFICE_GROUPS = """
office_general 指挥部办公室综合组 综合组
office_papers 指挥部办公室材料组 材料组
office_publicity 指挥部办公室宣教组 宣教组
office_supervision 指挥部办公室督导组 督导组
"""
# Answering on the ground: the catalogue of problems names these by code.
WORKING_DEPARTMENTS = """
city_mgmt 市城市管理局 城管局
municipal 市市政设施服务中心 市政中心
sanitation 市环境卫生服务中心 环卫中心
garden 市园林绿化服务中心 园林中心
digital_city 市数字化城市管理指挥中心(12319) 12319热线
housing 市住房和城乡建设局 住建局
property 市房产服务中心 房产中心
police 市公安局 公安局
traffic_police 市公安局交通警察大队 交警大队
market 市市场监督管理局 市场监管局
transport 市交通运输局 交通局
water_res 市水利局 水利局
ecology 市生态环境分局 生态环境局
health 市卫生健康委员会 卫健委
education 市教育局 教育局
culture 市文化广电旅游体育局 文旅局
civil 市民政局 民政局
commerce 市商务局 商务局
emergency 市应急管理局 应急局
fire 市消防救援大队 消防大队
government_service 市行政审批和政务信息管理局 政务服务局
hotline 市12345政务服务热线中心 12345热线
planning 市自然资源和规划局 资源规划局
agriculture 市农业农村局 农业农村局
forestry 市林业局 林业局
"""
OTHER_DEPARTMENTS = """
publicity 市委宣传部 宣传部
organization 市委组织部 组织部
party_office 市委办公室 市委办
government_office 市政府办公室 政府办
congress_office 市人大常委会办公室 人大办
consultative_office 市政协办公室 政协办
united_front 市委统战部 统战部
political_legal 市委政法委员会 政法委
social_work 市委社会工作部 社会工作部
party_school 市委党校 党校
unions 市总工会 总工会
youth_league 共青团市委 团市委
women 市妇女联合会 妇联
disabled 市残疾人联合会 残联
science_association 市科学技术协会 科协
development 市发展和改革委员会 发改委
industry 市科技和工业信息化局 科工信局
justice 市司法局 司法局
finance 市财政局 财政局
labour 市人力资源和社会保障局 人社局
veterans 市退役军人事务局 退役军人局
audit_bureau 市审计局 审计局
tax 市税务局 税务局
statistics 市统计局 统计局
"""
MORE_DEPARTMENTS = """
medical_insurance 市医疗保障局 医保局
letters 市信访局 信访局
party_branches 市委市直机关工作委员会 市直工委
staffing 市委机构编制委员会办公室 编办
old_cadres 市委老干部局 老干部局
inspection_office 市委巡察工作领导小组办公室 巡察办
industry_federation 市工商业联合会 工商联
literary_federation 市文学艺术界联合会 文联
red_cross 市红十字会 红十字会
social_science 市社会科学界联合会 社科联
overseas 市归国华侨联合会 侨联
court 市中级人民法院 法院
procuratorate 市人民检察院 检察院
state_assets 市国有资产监督管理委员会 国资委
science 市科学技术局 科技局
finance_office 市金融工作局 金融局
public_resources 市公共资源交易中心 公共资源中心
housing_fund 市住房公积金管理中心 公积金中心
archives 市档案馆 档案馆
history_office 市委党史和地方史志研究室 史志室
supply_coop 市供销合作社 供销社
meteorology 市气象局 气象局
tobacco 市烟草专卖局 烟草局
road_bureau 市公路事业发展中心 公路中心
scenic_bureau 市河湖风景区管理处 风景区管理处
civil_defence 市人民防空办公室 人防办
sports 市体育运动中心 体育中心
railway_station 火车站管理办公室 车站管理办
earthquake 市防震减灾中心 防震中心
"""
UTILITIES = """
power 市供电公司 供电公司
water_supply 市自来水公司 供水公司
heating 市热力公司 供热公司
gas 市燃气公司 燃气公司
telecom 市通信发展管理办公室 通信办
post 市邮政分公司 邮政公司
bus 市公共交通公司 公交公司
"""
MEDIA = """
media_centre 市融媒体中心 融媒体中心
"""
ENTERPRISES = """
mobile_operator 移动分公司(示例) 移动公司
unicom_operator 联通分公司(示例) 联通公司
telecom_operator 电信分公司(示例) 电信公司
"""
MORE_ENTERPRISES = """
bank_one 示例银行第一支行 银行一支行
bank_two 示例银行第二支行 银行二支行
bank_three 示例银行第三支行 银行三支行
insurer 示例财产保险分公司 财险公司
city_invest 市城市建设投资公司 城投公司
food_factory 示例食品集团 食品集团
"""
WATCHERS = """
supervision_bureau 市委市政府督查局 督查局
discipline_commission 市纪委监委 纪委监委
"""


def lines(text: str) -> list[tuple[str, str, str]]:
    """Code, name and short name of each line; raises ValueError for a line of another shape."""
    found = []
    for line in text.strip().splitlines():
        code, name, short = line.split(" ")
        found.append((code, name, short))
    return found
